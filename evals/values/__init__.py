"""Values below the queries: what an evaluator says, and what an experiment is to be."""
