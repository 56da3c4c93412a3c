"""Files of prompts compared with a registry and applied to it: one here, or one of a server."""
