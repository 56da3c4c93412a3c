"""From raw attributes to the canonical span, its content, and both read again."""
