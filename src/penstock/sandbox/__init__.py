"""Plays, on loopback, the services that Penstock delivers to: for trying things and for measuring."""
