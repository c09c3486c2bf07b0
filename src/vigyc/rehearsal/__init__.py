"""Ticks that are only tried: of a vigy as it stands, or of a run from its record; nothing of them is kept."""
