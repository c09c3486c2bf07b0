"""The worlds of the verifiers serve here too."""

from enhance.verifiers.conftest import world, worlds

__all__ = ["world", "worlds"]
