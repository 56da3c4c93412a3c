"""What the pages and the REST of this app show."""
