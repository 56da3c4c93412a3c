"""What changes prompts: a verb is one transaction under the prompt's lock, with its audit entry."""
