"""The test panel: versions of a prompt side by side, on any models, with the same input."""
