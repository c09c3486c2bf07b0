"""The client: what a runtime can be asked, asked of one behind a network."""
