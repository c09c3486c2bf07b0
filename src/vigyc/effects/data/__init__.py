"""From texts in the formats of the world to values and back: what the pure packs are made of. Nothing here acts."""
