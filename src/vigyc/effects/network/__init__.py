"""Connections to what a policy grants: no odd spelling, redirect or name server leads anywhere else."""
