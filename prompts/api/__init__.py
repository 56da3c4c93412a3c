"""REST of prompts, change requests and rollouts, below `/api/v1/`."""
