"""What a value of an evaluator means: its number, whether it passes, and in which words."""
