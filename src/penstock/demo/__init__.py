"""`make run`: the daemon, the services that it delivers to, and somebody who sends."""
