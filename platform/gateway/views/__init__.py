"""Pages of `gateway`."""
