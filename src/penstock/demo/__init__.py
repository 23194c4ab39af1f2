"""`make run`: the daemon, and a receiver beside it for what it delivers."""
