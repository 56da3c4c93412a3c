"""Figures by hour and day: additive rows that every reader sums, right at each commit."""
