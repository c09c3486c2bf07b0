"""What a vigy may do to the world: packs of effects, each call passing one gate under a policy."""
