"""What is read of prompts, reviews and rollouts."""
