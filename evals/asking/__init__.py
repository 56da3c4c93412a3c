"""Whom the command asks: the gates of a project here, or of a server over REST."""
