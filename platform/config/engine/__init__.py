"""The parts of the embedded PostgreSQL: whose account, which files, where, with what settings."""
