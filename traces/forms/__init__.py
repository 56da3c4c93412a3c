"""Forms of the pages of traces."""
