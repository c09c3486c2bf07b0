"""SQLite files beneath the roots that a policy grants: whatever a statement says, it reaches that file and no other."""
