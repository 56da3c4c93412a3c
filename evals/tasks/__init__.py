"""Work in the background, a module a noun; each task may run twice or late."""

from evals.tasks import gates, labels, langfuse, online, running, schedules, texts, upkeep

__all__ = ["gates", "labels", "langfuse", "online", "running", "schedules", "texts", "upkeep"]
