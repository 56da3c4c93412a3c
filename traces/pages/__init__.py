"""What the pages of traces show, computed without a request or a template. Pure."""
