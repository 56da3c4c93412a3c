"""Alert rules without a table: what is measured, over which windows, and when one fires. Pure."""
