"""What is read of incidents and channels."""
