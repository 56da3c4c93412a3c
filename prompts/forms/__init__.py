"""What people type on the pages of prompts and reviews."""
