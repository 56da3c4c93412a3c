"""REST of webhooks, for keys with the scope admin and for admins."""
