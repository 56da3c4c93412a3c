"""The gate's decision: arrays and settings in, a verdict with its words out. Pure."""
