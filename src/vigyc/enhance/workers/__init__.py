"""Who works issues off: leases, heartbeats, recovery, and what goes on after an epoch."""
