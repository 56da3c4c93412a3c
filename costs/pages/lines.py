"""Rows of the table of spend by a dimension: figures, what each opens, and how it is put right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from costs.pages.asked import Asked
from costs.pages.changes import change_of, grown, tone_of
from costs.queries.months import CLASSES
from costs.queries.spending import Spend
from costs.services.words import feature_text
from kit.figures import percent
from traces.queries.spend import OTHER, Payer
from traces.query.values import quoted

NANO = 10**9
MOST_ROWS = 100
EVALUATORS = "Evals and judges"
_SERIES = dict(zip(CLASSES, (1, 2, 3, 7), strict=True))  # the colours of token classes
LEGEND = [(series, word) for word, series in _SERIES.items()]


@dataclass(frozen=True)
class Line:
    """One row of the table; `href` opens the row, `traces` what it is made of."""

    name: str
    cost: int
    share: float
    href: str = ""
    traces: str = ""
    fix: str = ""
    change: float | None = None
    calls: int | None = None
    per_call: int | None = None
    spark: Sequence[float] = ()
    classes: Sequence[tuple[str, int, str, str]] = ()  # word, series, x and width in percent
    is_rest: bool = False

    @property
    def grown(self) -> str:
        """The change in words."""
        return grown(self.change)

    @property
    def tone(self) -> str:
        """Whether that is good."""
        return tone_of(self.change)

    @property
    def mix(self) -> str:
        """The token classes in words."""
        return ", ".join(f"{word.lower()} {width}" for word, _, _, width in self.classes)


def lines_of(asked: Asked, rows: Sequence[Spend], *, most: int = MOST_ROWS) -> list[Line]:
    """The rows as they are sorted, evaluators apart, what is not said last."""
    total = sum(row.cost + row.evaluators for row in rows)
    said = [row for row in rows if row.is_said and asked.q.lower() in name_of(asked, row).lower()]
    said = _sorted(asked, said)
    lines = [_line(asked, row, total) for row in said[:most]]
    if len(said) > most:
        lines.append(_others(asked, said[most:], total))
    evaluators = sum(row.evaluators for row in rows)
    if evaluators and not asked.q:
        share = evaluators / total if total else 0.0
        lines.append(
            Line(EVALUATORS, evaluators, share, traces=asked.traces(q="span(kind:evaluator)"))
        )
    lines += [
        _line(asked, row, total)
        for row in rows
        if not row.is_said and (row.cost or row.calls) and not asked.q
    ]
    return lines


def name_of(asked: Asked, row: Spend) -> str:
    """What people call the row."""
    if not row.is_said:
        return asked.dimension.missing
    if asked.dimension.name == "prompt":
        return f"{row.key[0]} v{row.key[1]}" if row.key[1] else row.key[0]
    return feature_text(row.key[0]) if asked.dimension.name == "feature" else row.key[0]


def _sorted(asked: Asked, rows: Sequence[Spend]) -> list[Spend]:
    def place(row: Spend) -> tuple[float, int]:
        change = change_of(row.cost, row.before)
        by = {
            "change": change if change is not None else float("-inf"),
            "calls": row.calls,
            "each": row.per_call or 0,
        }.get(asked.sort, row.cost)
        return -by, -row.cost

    if asked.sort == "name":
        return sorted(rows, key=lambda row: name_of(asked, row).lower())
    return sorted(rows, key=place)


def _line(asked: Asked, row: Spend, total: int) -> Line:
    is_rest = not row.is_said
    return Line(
        name=name_of(asked, row),
        cost=row.cost,
        share=row.cost / total if total else 0.0,
        href="" if is_rest else opened(asked, row),
        traces=evidence(asked, row),
        fix=_fix(asked) if is_rest else "",
        change=change_of(row.cost, row.before),
        calls=row.calls,
        per_call=row.per_call,
        spark=[row.by_day.get(day, 0) / NANO for day in asked.days.each()],
        classes=_classes(row),
        is_rest=is_rest,
    )


def _others(asked: Asked, rows: Sequence[Spend], total: int) -> Line:
    whole = Spend(("",))
    for row in rows:
        whole.add(row)
    return Line(
        name=f"{len(rows):,} more",
        cost=whole.cost,
        share=whole.cost / total if total else 0.0,
        change=change_of(whole.cost, whole.before),
        calls=whole.calls,
        per_call=whole.per_call,
        spark=[whole.by_day.get(day, 0) / NANO for day in asked.days.each()],
        classes=_classes(whole),
        is_rest=True,
    )


def key_of(asked: Asked, row: Spend) -> dict[str, str]:
    """The row as parameters of a page of costs."""
    if asked.dimension.name == "prompt":
        said = {"prompt": row.key[0], "version": row.key[1]}
        return {name: value for name, value in said.items() if value}
    name = "env" if asked.dimension.name == "environment" else asked.dimension.name
    return {name: row.key[0]}


def opened(asked: Asked, row: Spend) -> str:
    """The page of one row: of a user theirs, of a payer its traces, else this one narrowed."""
    if asked.dimension.payer is not None:
        return evidence(asked, row)
    if asked.dimension.name == "user":
        return reverse("traces:user", args=[asked.slug, row.key[0]])
    return asked.spend(by=asked.dimension.then, sort=None, q=None, **key_of(asked, row))


def evidence(asked: Asked, row: Spend) -> str:
    """The traces of one row."""
    name = asked.dimension.name
    if asked.dimension.payer is not None:
        return _evidence_of_payer(asked, row)
    if row.is_said:
        return asked.traces(**key_of(asked, row))
    field = {"environment": "env"}.get(name, name)
    return asked.traces(q=f"-has:{field}")


def _evidence_of_payer(asked: Asked, row: Spend) -> str:
    """'' where the list of traces cannot tell: of a key that is gone, of values out of bounds."""
    is_key = asked.dimension.payer is Payer.KEY
    if not row.is_said:
        return asked.traces(**({"q": "-has:key"} if is_key else {}))
    value = row.public_key if is_key else row.key[0]
    if value in {"", OTHER}:
        return ""
    return asked.traces(q=f"{asked.dimension.name}:{quoted(value)}")


def _fix(asked: Asked) -> str:
    """Where what is not said gets a name."""
    name = asked.dimension.name
    if asked.dimension.payer is not None:
        return ""
    if name == "feature":
        return asked.to("unattributed", by=None, sort=None, q=None)
    if name == "prompt":
        return reverse("prompts:prompts", args=[asked.slug])
    if name == "user":
        return reverse("traces:user_list", args=[asked.slug])
    return asked.traces(q=f"-has:{'env' if name == 'environment' else name}")


def _classes(row: Spend) -> list[tuple[str, int, str, str]]:
    total = sum(row.tokens.values())
    found, x = [], 0.0
    for word, series in _SERIES.items():
        width = 100 * row.tokens.get(word, 0) / total if total else 0
        if width >= 0.05:
            found.append((word, series, f"{x:.1f}%", percent(width / 100)))
        x += width
    return found
