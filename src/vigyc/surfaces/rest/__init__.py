"""The REST surface: operations as routes, notices as server-sent events, and the schema that says so."""
