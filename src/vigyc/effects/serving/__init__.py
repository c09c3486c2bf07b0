"""Serving from within a tick: one thread does the socket work, the tick's own thread answers."""
