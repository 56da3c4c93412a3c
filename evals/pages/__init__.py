"""What pages compute of what queries give."""
