"""What pages of costs compute."""
