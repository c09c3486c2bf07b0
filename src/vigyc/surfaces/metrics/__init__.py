"""What machines ask a runtime: its figures for Prometheus, and whether it lives, is ready, and gets its work done."""
