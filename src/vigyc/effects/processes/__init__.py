"""Child processes: started clean, bounded in time and output, and ended with all they started."""
