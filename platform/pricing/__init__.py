"""What a span costs, computed once, when it is written."""
