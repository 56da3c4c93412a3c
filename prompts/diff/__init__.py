"""What differs between two versions of a prompt, and where lines went."""

from prompts.diff.anchors import Anchor, apply_suggestion, followed, line_of, moved
from prompts.diff.comparison import diff
from prompts.diff.model import Card, Diff, Names, Row, Run, TokenChange, UnifiedRow

__all__ = [
    "Anchor",
    "Card",
    "Diff",
    "Names",
    "Row",
    "Run",
    "TokenChange",
    "UnifiedRow",
    "apply_suggestion",
    "diff",
    "followed",
    "line_of",
    "moved",
]
