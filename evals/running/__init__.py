"""Running an experiment: calls in parallel, resumed after a kill."""
