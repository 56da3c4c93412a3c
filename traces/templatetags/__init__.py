"""Template tags of `traces`."""
