"""From an issue to a patch by rule: small, certain changes of a program that need no model and nobody's hand."""
