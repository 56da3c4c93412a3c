"""Datasets and experiments as Langfuse's SDKs call them."""
