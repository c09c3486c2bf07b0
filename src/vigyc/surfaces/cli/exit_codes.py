"""From what came of a command to its exit code: the numbers."""

FINDINGS = 1
USAGE = 2
NOT_ALLOWED = 3
NOT_SO = 4  # not there, or not in the state that is needed
STORE = 5
INTERNAL = 70
INTERRUPTED = 130  # as a process that SIGINT ended
BROKEN_PIPE = 141  # as a process that SIGPIPE ended
TERMINATED = 143  # as a process that SIGTERM ended
