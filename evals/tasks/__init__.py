"""Work in the background, a module a noun; each task may run twice or late."""

from evals.tasks import gates, labels, langfuse, running, upkeep

__all__ = ["gates", "labels", "langfuse", "running", "upkeep"]
