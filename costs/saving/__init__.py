"""What could be spent less: from calls that were read to advice with its range. Pure."""
