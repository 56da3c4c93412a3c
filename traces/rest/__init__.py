"""What REST speaks of traces: parameters in, documents out."""
