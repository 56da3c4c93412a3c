"""What the templates of prompts and reviews say."""
