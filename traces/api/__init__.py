"""REST of traces, a module a subject; writing spans is served by `traces.ingest.door`."""
