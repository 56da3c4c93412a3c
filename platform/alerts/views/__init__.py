"""Pages of incidents and channels."""
