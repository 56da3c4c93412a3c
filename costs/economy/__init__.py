"""Pure arithmetic of unit costs and of plans: no Django, no table."""
