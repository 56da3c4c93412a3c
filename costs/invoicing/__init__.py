"""What a provider's export says, read exactly, and how it differs from what traces say. Pure."""
