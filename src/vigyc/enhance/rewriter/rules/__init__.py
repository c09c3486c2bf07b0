"""From the parameters of one kind of change to its edits: one rule a file, and the table of them."""
