"""The part of Langfuse's public API that reads and writes prompts, below `/api/public/`."""
