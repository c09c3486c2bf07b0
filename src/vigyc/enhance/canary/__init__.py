"""Trust in a new version by and by: ticks in shadow before the head moves, a watch after it."""
