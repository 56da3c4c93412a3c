"""What is done to incidents and channels."""
