"""Pages: the webhooks of a project, and a person's notices."""
