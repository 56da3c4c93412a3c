"""The HTTP door of intake: requests, answers, notices, counts. In front of Django."""
