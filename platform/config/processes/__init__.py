"""What one terminal runs: the supervisor, its children, a web process, how they end."""
