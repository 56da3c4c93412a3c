"""Features: what is run, who answers for it, and what good means there."""
