"""Pages of prompts and reviews."""
