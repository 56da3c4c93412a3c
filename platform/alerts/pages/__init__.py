"""What pages of alerts show, reckoned before the templates."""
