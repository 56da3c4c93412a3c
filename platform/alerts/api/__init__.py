"""REST of incidents and channels."""
