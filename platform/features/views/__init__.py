"""Pages of `features`."""
