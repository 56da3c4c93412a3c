"""Files that become items: read into rows, their columns mapped to what an item holds. Pure."""
