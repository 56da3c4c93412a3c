"""What stands on the wire: bodies, OTLP, native JSON, log records, Langfuse's batches, limits."""
