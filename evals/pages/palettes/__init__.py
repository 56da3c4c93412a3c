"""What the command palette finds of evals, a module a noun."""
