"""Ticks as traces of OpenTelemetry; loaded only where that is asked for."""
