"""Structured edits of a program's text: what they are, where they apply, and what comes of them."""
