"""How prompts, reviews and rollouts stand in the REST API: bodies, parameters, documents."""
