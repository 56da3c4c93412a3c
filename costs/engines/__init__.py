"""Reckoning on costs without a database: cases as JSON in, figures as JSON out. Pure."""
