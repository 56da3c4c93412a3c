"""The rules of a change request, pure: from facts to what stands in the way, in words."""
