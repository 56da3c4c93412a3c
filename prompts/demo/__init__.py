"""The demo's prompts: a history, an open review, a canary; names and numbers those of its traces.

All of it goes through the services, told by people who cannot sign in, and is then set back in
time, so that the same seed and day make the same story. What stands already is left alone.
"""

from prompts.demo.canary import begin_canary
from prompts.demo.people import Story
from prompts.demo.registry import furnish

__all__ = ["Story", "begin_canary", "furnish"]
