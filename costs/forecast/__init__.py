"""What a period will have cost at its end, with its range and the day a budget breaks. Pure."""
