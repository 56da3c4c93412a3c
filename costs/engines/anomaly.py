"""`roadworthy engine cost-anomaly`: which buckets of series of spend alert."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from math import isfinite
from typing import Any

from costs.detection.detector import detect
from costs.detection.series import Series, series_of
from costs.detection.settings import DAILY, GRAINS
from kit.cases import BadCase

Row = tuple[datetime, float | None, float | None]


def answer(document: Any) -> dict[str, list[str]]:
    """The alerted buckets of `{series: {"grain", "rows": [[timestamp, cost_usd, requests], …]}}`.

    Grains are "hourly" and "daily"; null is unknown, and a row that is missing is unknown too.
    Timestamps come back as they were given. A bucket is judged by what came before it alone.

    Raises: BadCase.
    """
    if not isinstance(document, dict):
        raise BadCase("The document must be an object of series.")
    answers = {}
    for name, given in document.items():
        try:
            answers[str(name)] = _alerts(given)
        except (ValueError, TypeError, OverflowError) as error:
            raise BadCase(f"Series {name!r}: {error}") from error
    return answers


def _alerts(given: Any) -> list[str]:
    grain = given.get("grain") if isinstance(given, Mapping) else None
    if not isinstance(grain, str) or grain not in GRAINS:
        raise BadCase(f'It must be an object with "grain", one of {", ".join(GRAINS)}, and "rows".')
    rows = given.get("rows")
    if not isinstance(rows, list):
        raise BadCase("rows must be a list.")
    read = [_row(place, row) for place, row in enumerate(rows, 1)]
    if not read:
        return []
    if GRAINS[grain] is DAILY:
        # A day is the one that its text names: where clocks change, two are 23 or 25 hours apart.
        read = [(row[0].replace(tzinfo=None), *row[1:]) for row in read]
    _check_zones([row[0] for row in read])
    texts = {row[0]: str(given_row[0]) for row, given_row in zip(read, rows, strict=True)}
    series: Series = series_of(read, GRAINS[grain])
    places = sorted({alert.place for alert in detect(series).alerts})
    between = str(rows[0][0])[10:11] or "T"
    # A level may alert in a bucket that did not arrive, whose text nobody gave.
    return [
        texts.get(series.at(place), series.at(place).isoformat(sep=between)) for place in places
    ]


def _check_zones(times: list[datetime]) -> None:
    for place, at in enumerate(times, 1):
        if (at.tzinfo is None) != (times[0].tzinfo is None):
            one, other = ("none", "one") if at.tzinfo is None else ("one", "none")
            raise BadCase(f"Row {place} has {one} and row 1 has {other}: all have a zone, or none.")


def _row(place: int, row: Any) -> Row:
    if not isinstance(row, list | tuple) or not 2 <= len(row) <= 3:
        raise BadCase(f"Row {place} must be [timestamp, cost_usd, requests].")
    try:
        at = datetime.fromisoformat(row[0])
    except (TypeError, ValueError):
        raise BadCase(f"Row {place}: {row[0]!r} is no ISO 8601 time.") from None
    requests = row[2] if len(row) == 3 else None
    return at, _amount(place, row[1]), _amount(place, requests)


def _amount(place: int, value: Any) -> float | None:
    if value is None or value == "":
        return None
    try:
        amount = float(value)
    except (TypeError, ValueError, OverflowError):
        amount = float("nan")
    if not isfinite(amount) or isinstance(value, bool):
        raise BadCase(f"Row {place}: {value!r} is no amount.")
    return amount
