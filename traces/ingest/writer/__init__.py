"""Writes spans: COPY and expect success; on a repeat read, merge, write. Then COMMIT."""
