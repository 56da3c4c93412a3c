"""A real installation, on one machine or many: the default of every command."""

from config.settings.base import *  # noqa: F403
