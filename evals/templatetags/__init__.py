"""Template filters of `evals`."""
