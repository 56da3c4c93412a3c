"""What REST speaks: bodies, parameters, documents."""
