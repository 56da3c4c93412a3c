"""Settings, addresses and the processes that make up an installation."""
