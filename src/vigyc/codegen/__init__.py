"""Doorplate."""
