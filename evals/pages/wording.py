"""How scores, changes and runs are written for people."""

from __future__ import annotations

from json import JSONDecodeError, dumps, loads
from typing import Any

from kit.figures import UNKNOWN
from kit.figures import percent as share_text

MINUS = "−"
LONGEST_NAME = 40


def score(value: float | None) -> str:
    """`0.83`, `14.2`, `1,240`: as many places as the size has use for; unknown is a dash."""
    if value is None:
        return UNKNOWN
    text = f"{abs(value):,.{_places(value)}f}"
    return f"{MINUS}{text}" if value < 0 and float(text.replace(",", "")) else text


def against(value: float | None, bar: float | None) -> str:
    """A score beside its bar: with another place where rounding would make the two alike."""
    text = score(value)
    if value is None or bar is None or value == bar or text != score(bar):
        return text
    return f"{value:,.{_places(value) + 1}f}"


def change(value: float | None, places: int | None = None) -> str:
    """`+0.08`, `−0.03`, `0.00`."""
    if value is None:
        return UNKNOWN
    text = f"{abs(value):,.{_places(value) if places is None else places}f}"
    if not float(text.replace(",", "")):
        return text
    return f"{MINUS if value < 0 else '+'}{text}"


def between(low: float, high: float) -> str:
    """`+0.05 to +0.11`."""
    places = max(_places(low), _places(high))
    return f"{change(low, places)} to {change(high, places)}"


def relative(ratio: float | None) -> str:
    """`+12%`, `−70%`, `0%`: whole percents."""
    if ratio is None:
        return UNKNOWN
    whole = round(ratio * 100)
    if not whole:
        return "0%"
    return f"{MINUS if whole < 0 else '+'}{abs(whole):,}%"


def share(hits: int, of: int) -> str:
    """`33.7%` of what was counted; a dash of nothing."""
    return share_text(hits / of if of else None)


def chance(p: float) -> str:
    """`p 0.004`, `p < 0.001`."""
    return "p < 0.001" if p < 0.001 else f"p {p:.3f}" if p < 0.1 else f"p {p:.2f}"


def title_of(name: str) -> str:
    """A score's name as a heading: `refusal_accuracy` is Refusal accuracy."""
    words = name.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:] if words else name


def letters(names: list[str]) -> dict[str, str]:
    """A letter for each score, two where the first is taken; the foot of the page explains them."""
    taken: dict[str, str] = {}
    for name in names:
        plain = [sign for sign in name if sign.isalnum()] or ["?"]
        first = plain[0].upper()
        wanted = [first, *(first + sign.lower() for sign in plain[1:]), *map(str, range(2, 100))]
        used = set(taken.values())
        taken[name] = next(one for one in wanted if one not in used)
    return taken


def bar_text(bar: float | None, is_higher_better: bool) -> str:
    """`≥ 0.85`, `≤ 120`, or nothing."""
    return "" if bar is None else f"{'≥' if is_higher_better else '≤'} {score(bar)}"


def many(count: int, noun: str, plural: str = "") -> str:
    """`1 item`, `240 items`."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def text_of(value: Any) -> str:
    """What an item or an answer says, as text: itself, its one telling field, or JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        told = _telling(value)
        if told is not None:
            return text_of(told)
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        said = [one for one in value if "content" in one]
        asked = [one for one in said if one.get("role") == "user"]
        if said:
            return text_of((asked or said)[-1]["content"])
        if all(isinstance(one.get("text"), str) for one in value):
            return "\n".join(one["text"] for one in value)
    return dumps(value, ensure_ascii=False, default=str)


def text_of_json(text: str) -> str:
    """`text_of` what the database gave as text: a string itself, anything else as JSON.

    JSON that was cut off stays as it is.
    """
    if not text.startswith(("{", "[")):
        return text
    try:
        return text_of(loads(text))
    except (JSONDecodeError, RecursionError):
        return text


_TELLING = ("question", "input", "query", "message", "messages", "prompt", "text", "content",
            "answer", "output")  # fmt: skip


def _telling(value: dict[str, Any]) -> Any:
    if len(value) == 1:
        return next(iter(value.values()))
    return next((value[name] for name in _TELLING if name in value), None)


def _places(value: float) -> int:
    size = abs(value)
    return 2 if size < 10 else 1 if size < 100 else 0
