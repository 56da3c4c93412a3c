"""Judges: models that score by a rubric, by pairs, or claim by claim."""
