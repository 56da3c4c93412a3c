"""One row of an export: its day, whose it is, and what it says of tokens and money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from costs.invoicing.cells import A_COUNT, A_DAY, amount, whole
from costs.invoicing.columns import TOKENS as TOKEN_COLUMNS
from costs.invoicing.columns import Columns
from costs.invoicing.days import Days
from costs.invoicing.faults import BadFile, quoted
from costs.invoicing.items import (
    CACHED,
    CREDIT,
    INPUT,
    OUTPUT,
    TAX,
    TOKENS,
    TOOL,
    UNKNOWN,
    WRITE,
    Item,
    class_of,
    item_of,
    service_of,
)
from costs.invoicing.naming import spelled

PROVIDERS = {"openai": "OpenAI", "anthropic": "Anthropic"}
_TOTALS = frozenset({"total", "totals", "sum", "grand total", "subtotal", "total:"})
_YES = frozenset({"true", "1", "yes", "batch"})


@dataclass(frozen=True)
class Part:
    """What a row says of one class of tokens, or of its money."""

    item: Item
    name: str
    tokens: int | None = None
    requests: int | None = None
    cost: Decimal | None = None


@dataclass(frozen=True)
class Row:
    """A row; `day` is its text, '' where tax or a credit has none."""

    day: str
    parts: Sequence[Part]
    accounts: Sequence[str]
    currencies: Sequence[str]
    is_total: bool = False

    def is_of(self, account: str) -> bool:
        """Whether it is of the project, workspace or key of that name."""
        return any(one.casefold() == account.casefold() for one in self.accounts)


class Reader:
    """Reads rows below one header."""

    def __init__(self, columns: Columns, provider: str, days: Days, *, comma: bool) -> None:
        self.provider = provider
        self.days_seen: dict[str, None] = {}
        self._columns, self._days, self._comma = columns, days, comma
        self._width = len(columns.written)

    def row(self, line: int, cells: Sequence[str]) -> Row:
        """The row of those cells. Raises: BadFile."""
        if len(cells) > self._width and not any(cells[self._width :]):
            cells = cells[: self._width]
        if len(cells) != self._width:
            raise BadFile(
                f"the row has {len(cells)} cells and the header {self._width}", line=line,
                expected="as many, cells with a comma in quotes",
            )  # fmt: skip
        accounts = list(dict.fromkeys(
            cell for what in ("account", "account_id", "key") if (cell := self._cell(cells, what))
        ))  # fmt: skip
        day = self._cell(cells, "day")
        if day.lower() in _TOTALS:
            return Row("", (), accounts, (), is_total=True)
        currencies, parts = self._parts(line, cells)
        if not day:
            self._may_be_undated(line, parts)
            return Row("", parts, accounts, currencies)
        name = self._columns.name("day")
        self._days.see(day, line=line, column=name)
        if until := self._cell(cells, "until"):
            self._days.see_range(day, until, line=line, column=self._columns.name("until"))
        self.days_seen.setdefault(day)
        return Row(day, parts, accounts, currencies)

    def _may_be_undated(self, line: int, parts: Sequence[Part]) -> None:
        if any(part.item.kind == TOKENS for part in parts) or not parts:
            raise BadFile(
                "the day is empty", line=line, column=self._columns.name("day"), expected=A_DAY
            )

    def _parts(self, line: int, cells: Sequence[str]) -> tuple[list[str], list[Part]]:
        item, name = self._item(cells)
        cost, currencies = self._cost(line, cells)
        tokens = self._tokens(line, cells, item)
        requests = self._count(line, cells, "requests")
        if cost is not None and cost < 0 and item.kind == UNKNOWN:
            item = replace(item, kind=CREDIT)
        parts = []
        if item.kind == TOKENS or any(tokens.values()):
            for token_class, number in tokens.items():
                if number:
                    parts.append(Part(_with(item, token_class), name, tokens=number))
            if not parts and tokens and self._columns.has_tokens and (item.model or requests):
                parts.append(Part(_with(item, OUTPUT), name, tokens=0))
        if requests and parts:
            parts[0] = replace(parts[0], requests=requests)
        elif requests:
            parts.append(Part(item, name, requests=requests))
        if cost is not None and (cost or not parts or not self._columns.has_tokens):
            parts.append(Part(item, name, cost=cost))
        return currencies, parts

    def _item(self, cells: Sequence[str]) -> tuple[Item, str]:
        """What the row is for, and its own words for it."""
        names = ("model", "item", "cost_kind", "token_class", "batch", "tier")
        return _item(*(self._cell(cells, name) for name in names))

    def _cost(self, line: int, cells: Sequence[str]) -> tuple[Decimal | None, list[str]]:
        text = self._cell(cells, "amount")
        if not text:
            return None, []
        named = self._cell(cells, "currency").upper()
        cost, own = amount(text, comma=self._comma, line=line, column=self._columns.name("amount"))
        return cost, [one for one in (named, own) if one]

    def _tokens(self, line: int, cells: Sequence[str], item: Item) -> dict[str, int]:
        """Tokens by class; {} where nothing is said."""
        found = {what: self._count(line, cells, what) for what in TOKEN_COLUMNS}
        if all(number is None for number in found.values()):
            unit = self._cell(cells, "unit").lower()
            quantity = self._cell(cells, "quantity")
            if quantity and unit in ("token", "tokens") and item.token_class:
                return {item.token_class: self._count(line, cells, "quantity") or 0}
            return {}
        cached = found["in_cached"] or 0
        written = (found["write_5m"] or 0) + (found["write_1h"] or 0)
        uncached = found["in_uncached"]
        if uncached is None:
            uncached = found["in_all"] or 0
            if found["in_all"] is not None and not self._stands_apart(item.model):
                uncached -= cached + written
        if uncached < 0:
            name = self._columns.name("in_all")
            raise BadFile(
                f"{quoted(self._cell(cells, 'in_all') or '0')} is less than the cached tokens",
                line=line, column=name, expected="all input tokens, the cached ones with them",
            )  # fmt: skip
        return {INPUT: uncached, CACHED: cached, WRITE: written, OUTPUT: found["out"] or 0}

    def _stands_apart(self, model: str) -> bool:
        """Whether cached tokens are beside the input tokens rather than in them."""
        return self.provider == "anthropic" or (not self.provider and model.startswith("claude"))

    def _count(self, line: int, cells: Sequence[str], what: str) -> int | None:
        text = self._cell(cells, what)
        if not text:
            return None
        name = self._columns.name(what)
        if text[0] in "-−":
            raise BadFile(f"{quoted(text)} is no count", line=line, column=name, expected=A_COUNT)
        return whole(text, line=line, column=name)

    def _cell(self, cells: Sequence[str], what: str) -> str:
        place = self._columns.places.get(what)
        return cells[place] if place is not None else ""


@lru_cache(5_000)  # most rows of a file repeat them
def _item(
    model: str, text: str, cost_kind: str, token_type: str, batch: str, tier: str
) -> tuple[Item, str]:
    kind = cost_kind.lower().replace("_", " ")
    token_class = class_of(token_type)
    service = "batch" if batch.lower() in _YES else service_of(tier)
    if kind and kind not in ("token", "tokens", "standard"):
        found = item_of(kind)
        kind_of = found.kind if found.kind in (TAX, CREDIT) else TOOL
        return Item(kind_of, "", "", service), f"{kind} {model}".strip()[:200]
    if model and item_of(model).kind in (TAX, CREDIT):
        return Item(item_of(model).kind), model[:200]
    if model:
        said = item_of(text) if text else Item(UNKNOWN)
        if said.kind in (TAX, CREDIT, TOOL):
            return Item(said.kind), text[:200]
        token_class = token_class or said.token_class
        return Item(TOKENS, spelled(model), token_class, service or said.service), model[:200]
    if text:
        found = item_of(text)
        return replace(found, service=found.service or service), text[:200]
    return Item(TOKENS, "", token_class, service), ""  # a whole day of all models


@lru_cache(5_000)
def _with(item: Item, token_class: str) -> Item:
    return replace(item, token_class=token_class)
