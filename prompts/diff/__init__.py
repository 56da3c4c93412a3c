"""What differs between two versions of a prompt, and where lines went."""

from prompts.diff.anchors import Anchor, apply_suggestion, line_of, moved
from prompts.diff.comparison import diff
from prompts.diff.model import Card, Diff, Names, Row, Run, TokenChange, UnifiedRow
from prompts.diff.showing import Fold, Shown, ShownCard, opened_of, piece, shown_cards

__all__ = [
    "Anchor",
    "Card",
    "Diff",
    "Fold",
    "Names",
    "Row",
    "Run",
    "Shown",
    "ShownCard",
    "TokenChange",
    "UnifiedRow",
    "apply_suggestion",
    "diff",
    "line_of",
    "moved",
    "opened_of",
    "piece",
    "shown_cards",
]
