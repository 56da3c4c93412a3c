"""Random queries: sentences of the grammar, sentences with a piece damaged, and plain garbage."""

from __future__ import annotations

from random import Random

from traces.query.fields import FIELDS, Field, Type

# Values that the stored traces of the tests have, and some that nothing has.
VALUES = {
    "name": ["resolve", "refund-agent", "lookup", "re*", "*agent", "nothing like it"],
    "feature": ["refunds", "search", "r*"],
    "model": ["gpt-4o", "claude-3", "claude-*", "*o"],
    "provider": ["openai", "anthropic", "open*"],
    "prompt": ["refund/3", "refund", "refund/a/7", "re*", "refund/*"],
    "prompt.version": ["3", "7", "*"],
    "user": ["u1", "u2", "u*"],
    "session": ["s1", "s2"],
    "env": ["production", "staging", "sdk-experiment"],
    "release": ["1.4", "2.0", "1.*"],
    "tag": ["beta", "vip", "b*"],
    "id": ["t1", "t3", "0af7651916cd43dd8448eb211c80319c", "chatcmpl-7", "s*"],
    "outcome": ["resolved", "escalated", "res*"],
    "segment": ["enterprise", "free", "ent*"],
    "route": ["cheap-first", "careful", "cheap*"],
    "key": ["tests", "pk-rw-*", "Shop"],
    "index": ["help-center", "help*"],
    "dataset": ["golden", "nightly"],
    "input": ["order", "where is", "ord*"],
    "output": ["sorry", "*ry", "on its way"],
}
NUMBERS = {
    Type.TIME: ["800ms", "1s", "2.5s", "3m", "1h", "4"],
    Type.MONEY: ["$0.01", "0.02", "1", "0.5$"],
    Type.COUNT: ["100", "20k", "1.5M", "120"],
    Type.SCORE: ["0.5", "80%", "1", "-1"],
    Type.ANY: ["200", "500", "1.5", "2k"],
}
WORDS = ["order", "refund", "sorry", "Where", "resolve", "ord*", "*fund", "t1", "注文", "été"]
PHRASES = ["where is", "on its way", "it's here", 'a "quoted" word', "50% off", "'; drop table x"]
KEYS = ["http.status_code", "tier", '"a key"', "user.id", "deep.er"]
SCORES = ["helpful", "tone", '"two words"', "none-such"]
NASTY = [
    "'", '"', "\\", "%", "%s", "%(x)s", "--", ";", "/*", "$1", "{}", "\0", "\ud800", "\u202e", "((",
    "))", "::", "..", "-", "OR OR", "AND", "NOT", "span(", "attr.", "score.", "has:", "*", "**",
    "' or 1=1 --", "\n", "\t", "e" * 500, "(" * 30, "-" * 30, "1e309", "9" * 30, "nan", "inf",
    "😀", "ß", "İ", "\u00a0", "select", ":>=", "!=", "!", "=", "<", ">", ",",
    "$", "1..", "..1",
]  # fmt: skip


def query(random: Random) -> str:
    """A query of any sort: most are sentences, some are damaged, a few are garbage."""
    sort = random.random()
    if sort < 0.7:
        return sentence(random)
    if sort < 0.93:
        return damaged(random, sentence(random))
    return "".join(random.choice(NASTY + WORDS + list(FIELDS)) for _ in range(random.randint(1, 8)))


def sentence(random: Random, depth: int = 0, *, in_span: bool = False) -> str:
    """A query that the grammar knows."""
    parts = []
    for place in range(random.choice((1, 1, 2, 2, 3))):
        if place:
            parts.append(random.choice((" ", " ", " ", " AND ", " OR ")))
        parts.append(_one(random, depth, in_span=in_span))
    return "".join(parts)


def damaged(random: Random, text: str) -> str:
    """A query with a piece put in, taken out, doubled or put elsewhere."""
    for _ in range(random.randint(1, 3)):
        start, end = sorted((random.randint(0, len(text)), random.randint(0, len(text))))
        piece = random.choice((random.choice(NASTY), text[start:end], ""))
        text = text[:start] + piece + text[random.choice((start, end)) :]
    return text


def _one(random: Random, depth: int, *, in_span: bool) -> str:
    sort = random.random()
    if depth < 4 and sort < 0.1:
        return f"({sentence(random, depth + 1, in_span=in_span)})"
    if depth < 4 and sort < 0.2:
        negation = random.choice(("-", "NOT "))
        return f"{negation}{_one(random, depth + 1, in_span=in_span)}"
    if depth < 4 and not in_span and sort < 0.3:
        return f"span({sentence(random, depth + 1, in_span=True)})"
    if sort < 0.4:
        return random.choice(WORDS)
    if sort < 0.45:
        phrase = random.choice(PHRASES).replace("\\", "\\\\").replace('"', '\\"')
        return f'"{phrase}"'
    return term(random, in_span=in_span)


def term(random: Random, *, in_span: bool = False) -> str:
    """`field op value` of a field that may stand here."""
    known = [field for field in FIELDS.values() if field.in_span or not in_span]
    field = random.choice(known)
    if field.type is Type.HAS:
        others = [f.name for f in known if f.name not in {"has", "id", "status"} and not f.keyed]
        return "has:" + random.choice([*others, "error", "score", "score.helpful", "attr.tier"])
    operator = random.choice(field.operators)
    name = field.name
    if field.keyed:
        name += "." + random.choice(SCORES if field.type is Type.SCORE else KEYS)
    if operator in {":", "=", "!="} and random.random() < 0.2:
        listed = ", ".join(_value(random, field, operator) for _ in range(random.randint(1, 3)))
        return f"{name}{operator}({listed})"
    space = " " if operator != ":" and random.random() < 0.1 else ""
    return f"{name}{space}{operator}{space}{_value(random, field, operator)}"


def _value(random: Random, field: Field, operator: str) -> str:
    if field.type is Type.CHOICE:
        return random.choice(field.choices)
    if field.type in NUMBERS and (field.type not in (Type.SCORE, Type.ANY) or operator[0] in "<>"):
        return _number(random, field, operator)
    if field.type in (Type.SCORE, Type.ANY) and random.random() < 0.5:
        return _number(random, field, operator)
    if field.type in (Type.SCORE, Type.ANY):
        return random.choice(["true", "no", "polite", "ru*", "gold", '"1..2"'])
    value = random.choice(VALUES[field.name])
    return f'"{value}"' if " " in value or random.random() < 0.1 else value


def _number(random: Random, field: Field, operator: str) -> str:
    numbers = NUMBERS[field.type]
    if operator in {":", "=", "!="} and random.random() < 0.4:
        return random.choice((f"{numbers[0]}..", f"..{numbers[1]}", f"{numbers[0]}..{numbers[2]}"))
    return random.choice(numbers)
