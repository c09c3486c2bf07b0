"""The orchestrating program of an epoch: which it is, what it is told, run once, what it claims."""
