"""What people type into the pages of costs, a module a page."""
