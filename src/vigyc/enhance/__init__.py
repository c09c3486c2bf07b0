"""From an issue to a verified new version of a program: queue, flow, verifiers, commit."""
