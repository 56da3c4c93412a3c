"""Prompts as deployments: versions, labels, reviews, rollouts."""
