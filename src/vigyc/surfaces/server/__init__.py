"""The HTTP server: sockets, deadlines, tokens, sessions, the guard, and the app composed of the other surfaces."""
