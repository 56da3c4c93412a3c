"""From the bytes a client sent to rows in PostgreSQL: decode, map, redact, price, write."""
