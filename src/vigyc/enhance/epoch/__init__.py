"""One attempt at an issue: its course, the application's own verdicts, the commit, the entry in the log."""
