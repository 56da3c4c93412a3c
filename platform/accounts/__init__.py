"""People, organizations, projects and keys; `access` holds the only doors to a project."""
