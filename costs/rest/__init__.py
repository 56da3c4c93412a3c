"""What the REST of costs speaks: parameters, bodies and documents, a module a resource."""
