"""Settings for each way to run."""
