"""Language models, MCP servers and other agents: what answers in words, over the wires these have agreed on."""
