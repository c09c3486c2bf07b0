"""What every transport shares: the table of operations, the one door to them, and the JSON of what goes in and out."""
