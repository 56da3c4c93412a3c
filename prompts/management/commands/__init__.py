"""Commands of prompts."""
