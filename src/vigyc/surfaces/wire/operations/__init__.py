"""The operations, a family a file; table.py collects them."""
