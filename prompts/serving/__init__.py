"""The hot read: which version a caller gets; from memory, fresh within a second everywhere."""
