"""People, keys and the doors."""
