"""Rules about data: what is redacted before it is written, what is kept, for how long."""
