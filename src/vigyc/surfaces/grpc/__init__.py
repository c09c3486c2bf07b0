"""vigyc over gRPC: the operations and the stream of a runtime, as `spec/vigy.proto` says, in a server of its own."""
