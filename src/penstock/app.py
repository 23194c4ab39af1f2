"""Start and stop of everything."""
