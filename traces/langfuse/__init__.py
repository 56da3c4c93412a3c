"""The part of Langfuse's public API that its SDKs 2 to 5 call, below `/api/public/`."""
