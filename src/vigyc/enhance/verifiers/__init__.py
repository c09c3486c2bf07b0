"""What a candidate must pass before it may become a version, one axis a file."""
