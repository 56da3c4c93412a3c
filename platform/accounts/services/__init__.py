"""Every write of `accounts`: one verb, one transaction, one audit entry."""
