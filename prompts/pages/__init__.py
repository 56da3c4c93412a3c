"""What the pages of prompts and reviews compute before they are drawn."""
