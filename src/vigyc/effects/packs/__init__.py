"""The packs: families of effects and of pure functions, one a file."""
