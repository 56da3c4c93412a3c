"""The table of spend as CSV, with exact amounts."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO

from costs.pages.asked import Asked
from costs.queries.months import CLASSES
from costs.queries.spending import Spend
from pricing.price import usd


def as_csv(asked: Asked, rows: Sequence[Spend]) -> str:
    """Every row, as a spreadsheet reads it; cells never begin a formula."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(
        [
            asked.dimension.name, "cost_usd", "evaluators_usd", "before_usd", "requests",
            "unpriced", *CLASSES,
        ]
    )  # fmt: skip
    for row in rows:
        name = " v".join(part for part in row.key if part)
        name = f"'{name}" if name[:1] in "=+-@\t\r" and name else name
        amounts = [usd(amount) for amount in (row.cost, row.evaluators, row.before)]
        tokens = [row.tokens.get(word, 0) for word in CLASSES]
        writer.writerow([name, *amounts, row.calls, row.unpriced, *tokens])
    return out.getvalue()
