"""The columns of the list of traces: which there are, and which an address chooses. Pure."""

from __future__ import annotations

from dataclasses import dataclass

MOST_COLUMNS = 30
MOST_ATTRIBUTES = 6
ATTRIBUTE = "attr."
SCORE = "score."
_LONGEST_KEY = 200


@dataclass(frozen=True)
class Column:
    """One column. `sort` is the order that an index has; `field` is what a query calls it."""

    key: str
    label: str
    css: str
    sort: str = ""
    field: str = ""
    is_number: bool = False
    has_stats: bool = True

    @property
    def attribute(self) -> str:
        """The attribute that it shows, or ''."""
        return self.key.removeprefix(ATTRIBUTE) if self.key.startswith(ATTRIBUTE) else ""

    @property
    def score(self) -> str:
        """The score that it shows, or ''."""
        return self.key.removeprefix(SCORE) if self.key.startswith(SCORE) else ""


_ALL = (
    Column("time", "Time", "c-t", sort="time", has_stats=False),
    Column("status", "Status", "c-st", field="status"),
    Column("name", "Name and first words", "c-n", field="name"),
    Column("model", "Model", "c-m", field="model"),
    Column("duration", "Duration", "c-d", sort="latency", field="latency", is_number=True),
    Column("tokens", "Tokens", "c-k", sort="tokens", field="tokens", is_number=True),
    Column("cost", "Cost", "c-c", sort="cost", field="cost", is_number=True),
    Column("scores", "Scores", "c-sc", has_stats=False),
    Column("prompt", "Prompt version", "c-p", field="prompt"),
    Column("user", "User", "c-u", field="user"),
    Column("session", "Session", "c-x", field="session"),
    Column("env", "Environment", "c-x", field="env"),
    Column("feature", "Feature", "c-x", field="feature"),
    Column("release", "Release", "c-x", field="release"),
    Column("tags", "Tags", "c-x", field="tag"),
    Column("feedback", "Feedback", "c-y", has_stats=False),
    Column("ttft", "First token", "c-y", field="ttft", is_number=True),
    Column("spans", "Spans", "c-y", is_number=True),
    Column("id", "Trace id", "c-x", has_stats=False),
)
COLUMNS = {column.key: column for column in _ALL}
DEFAULT = tuple(column.key for column in _ALL[:10])
# Without these a row says neither when nor what.
ALWAYS = ("time", "name")


def column_named(key: str) -> Column | None:
    """The column of that key: one of the table, an attribute, or a score; None for no column."""
    if key in COLUMNS:
        return COLUMNS[key]
    for start in (ATTRIBUTE, SCORE):
        name = key.removeprefix(start)
        if key.startswith(start) and 0 < len(name) <= _LONGEST_KEY and name.isprintable():
            is_score = start == SCORE
            return Column(
                key,
                name,
                "c-y end" if is_score else "c-x",
                sort=key if is_score else "",
                field="score" if is_score else "attr",
                is_number=is_score,
            )
    return None


def chosen_columns(text: str) -> list[Column]:
    """The columns that `cols=time,name,attr.tier` names; those of the table where it names none.

    What is no column is left out, time comes first, and a name is always shown.
    """
    keys = list(dict.fromkeys(part.strip() for part in text.split(","))) if text else []
    found = [column for key in keys if (column := column_named(key)) is not None]
    if not found:
        return [COLUMNS[key] for key in DEFAULT]
    attributes = [column for column in found if column.attribute][MOST_ATTRIBUTES:]
    found = [
        column for column in found if column not in attributes and column.key not in ALWAYS[:1]
    ]
    if COLUMNS["name"] not in found:
        found.insert(0, COLUMNS["name"])
    return [COLUMNS["time"], *found][:MOST_COLUMNS]


def columns_text(columns: list[Column]) -> str:
    """The columns as an address names them; '' for those of the table."""
    keys = tuple(column.key for column in columns)
    return "" if keys == DEFAULT else ",".join(keys)


def moved(columns: list[Column], key: str, by: int) -> str:
    """The columns with one moved to the left (-1) or right (1), as an address names them."""
    keys = [column.key for column in columns]
    at = keys.index(key)
    to = max(1, min(at + by, len(keys) - 1))
    keys.insert(to, keys.pop(at))
    return columns_text([column for key in keys if (column := column_named(key))])


def without(columns: list[Column], key: str) -> str:
    """The columns without one, as an address names them."""
    return columns_text([column for column in columns if column.key != key])
