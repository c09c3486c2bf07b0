"""The Model Context Protocol: operations as tools, programs, runs and docs as resources, and prompts."""
