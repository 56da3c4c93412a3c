"""Values and how they read: ranges, instants, slices, bars of scores, columns. Pure."""
