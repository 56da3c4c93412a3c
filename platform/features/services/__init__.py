"""What changes features, their targets and the mapping rules."""
