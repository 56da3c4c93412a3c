"""What the pages of features say, computed before it is rendered."""
