"""GraphQL over HTTP and WebSocket: spec/vigy.graphql, bound to the table of operations; GraphiQL, offline."""
