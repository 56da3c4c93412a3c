"""What a rule may say: every field checked, with a refusal that a person may read."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from accounts.access import role_in
from accounts.models import User
from alerts.models import AlertRule, Channel, Severity
from alerts.models.rules import LONGEST_QUERY
from alerts.queries.rule_sources import source_named
from alerts.rules.metrics import METRICS
from alerts.rules.windows import LENGTHS
from alerts.services.errors import BadRule
from alerts.values import clean
from traces.models import DataType, ScoreDefinition
from traces.query import QueryError, Scope, compile, parse
from traces.query.nodes import And, Term, TextTest
from traces.values.score_bars import YES

_TEXTS = {"name": 200, "score": 200, "other": 200, "subject": 40, "feature": 200,
          "runbook_url": 500}  # fmt: skip
_RANGES = {
    "least": (0, 1_000_000, "At least so many"), "windows": (1, 5, "Windows"),
    "breaches": (1, 5, "Windows that breach"), "clear_minutes": (0, 1_440, "Minutes until over"),
    "baseline_days": (3, 14, "Days of the median"),
}  # fmt: skip
_SWITCHES = ("is_percent", "is_enabled", "score_is_most", "other_is_most")
_LARGEST = Decimal(10) ** 18
Condition, Baseline = AlertRule.Condition, AlertRule.Baseline


def describe(rule: AlertRule, said: Mapping[str, Any]) -> list[Channel]:
    """Put what is said into the rule and check the whole; gives the channels that it names.

    Raises: BadRule.
    """
    for name, longest in _TEXTS.items():
        if name in said:
            setattr(rule, name, clean(str(said[name] or ""), longest))
    for name in ("scope", "match"):
        if name in said:
            setattr(rule, name, _query(rule.project_id, name, str(said[name] or "")))
    for name, (least, most, label) in _RANGES.items():
        if name in said:
            setattr(rule, name, _whole(said[name], least, most, label, name))
    for name in _SWITCHES:
        if name in said:
            setattr(rule, name, bool(said[name]))
    for name, choices in (
        ("metric", METRICS), ("condition", Condition.values), ("severity", Severity.values),
        ("window_minutes", LENGTHS), ("baseline", ["", *Baseline.values]),
    ):  # fmt: skip
        if name in said:
            setattr(rule, name, _one_of(said[name], choices, name))
    if "amount" in said:
        rule.amount = _amount(said["amount"])
    if not rule.name:
        raise BadRule("A rule needs a name.", "name")
    _check_metric(rule, said)
    _check_condition(rule)
    _check_persons(rule, said)
    rule.feature = rule.feature or _feature_in(rule.scope)
    taken = AlertRule.objects.filter(project=rule.project, name=rule.name).exclude(pk=rule.pk)
    if taken.exists():
        raise BadRule("Another rule of this project has this name.", "name")
    return _channels(rule, said)


def _check_metric(rule: AlertRule, said: Mapping[str, Any]) -> None:
    metric = METRICS.get(rule.metric)
    if metric is None:
        raise BadRule("Say what is measured.", "metric")
    needs = metric.needs
    source = source_named(metric.key)
    if source is not None:
        if rule.subject not in {key for key, _ in source.subjects(rule.project)}:
            raise BadRule(f"Choose a {source.noun.lower()} of this project.", "subject")
        rule.scope = rule.match = ""
    else:
        rule.subject = ""
    if needs == "query" and not rule.match:
        raise BadRule("Say which traces are counted, in the query language.", "match")
    if needs != "query":
        rule.match = ""
    if needs in ("score", "bar", "pair") and not rule.score:
        raise BadRule("Name the score.", "score")
    if needs == "pair" and (not rule.other or rule.other == rule.score):
        raise BadRule("Name a second score.", "other")
    if needs not in ("score", "bar", "pair"):
        rule.score, rule.score_bar = "", None
    if needs != "pair":
        rule.other, rule.other_bar = "", None
    if needs in ("bar", "pair"):
        _bar(rule, said, "score")
    if needs == "pair":
        _bar(rule, said, "other")


def _bar(rule: AlertRule, said: Mapping[str, Any], of: str) -> None:
    """The bar of a score: the given one, else that of its definition."""
    name, given = getattr(rule, of), said.get(f"{of}_bar")
    if given is not None:
        bar = float(given) if isinstance(given, int | float | Decimal) else math.nan
        if not math.isfinite(bar) or abs(bar) > 1e12:
            raise BadRule("The bar of a score is a number.", f"{of}_bar")
        setattr(rule, f"{of}_bar", bar)
        if f"{of}_is_most" not in said:
            is_most = {"name": name, "bar_direction": "at_most"}
            defined = ScoreDefinition.objects.filter(project=rule.project, **is_most)
            setattr(rule, f"{of}_is_most", defined.exists())
        return
    if getattr(rule, f"{of}_bar") is not None and of not in said and f"{of}_bar" not in said:
        return
    found = ScoreDefinition.objects.filter(project=rule.project, name=name, is_archived=False)
    definition = found.first()
    if definition is not None and definition.data_type == DataType.BOOLEAN and definition.passing:
        setattr(rule, f"{of}_bar", 0.5)
        setattr(rule, f"{of}_is_most", YES not in definition.passing)
    elif definition is not None and definition.bar is not None:
        setattr(rule, f"{of}_bar", definition.bar)
        setattr(rule, f"{of}_is_most", definition.bar_direction == "at_most")
    else:
        raise BadRule(f"The score {name!r} has no bar: give one.", f"{of}_bar")


def _check_condition(rule: AlertRule) -> None:
    if source_named(rule.metric) is not None:
        rule.condition, rule.windows, rule.breaches, rule.least = Condition.ABOVE, 1, 1, 0
    if not rule.condition:
        raise BadRule("Say when it is too much.", "condition")
    is_change = rule.condition in (Condition.RISES, Condition.FALLS)
    unit = METRICS[rule.metric].unit
    if rule.condition == Condition.SILENT:
        rule.amount = Decimal(0)
    elif unit != "score" and rule.amount < 0:
        raise BadRule("Give a number from 0.", "amount")
    if unit == "ratio" and not is_change and rule.amount > 1:
        raise BadRule("A share is at most 100 %.", "amount")
    if is_change and rule.amount <= 0:
        raise BadRule("Say by how much; more than 0.", "amount")
    if is_change and rule.is_percent and rule.condition == Condition.FALLS and rule.amount > 1:
        raise BadRule("Nothing falls by more than 100 %.", "amount")
    if is_change and not rule.baseline:
        raise BadRule("Say against what it is compared.", "baseline")
    if not is_change:
        rule.baseline = ""
    if rule.breaches > rule.windows:
        raise BadRule(f"Of {rule.windows} windows at most {rule.windows} breach.", "breaches")
    if rule.window_minutes * rule.windows > 10_080:
        raise BadRule("Its windows may reach 7 days back together.", "windows")
    if rule.baseline in (Baseline.DAY, Baseline.MEDIAN) and rule.window_minutes > 1_440:
        raise BadRule("A window longer than a day is compared with a week before.", "baseline")


def _check_persons(rule: AlertRule, said: Mapping[str, Any]) -> None:
    if "owner" in said:
        owner = said["owner"]
        if isinstance(owner, str):
            found = User.objects.filter(email__iexact=clean(owner, 254)).first() if owner else None
            if owner and found is None:
                raise BadRule("No member of this project has this address.", "owner")
            owner = found
        if owner is not None and role_in(owner, rule.project) is None:
            raise BadRule("No member of this project has this address.", "owner")
        rule.owner = owner
    if rule.runbook_url:
        try:
            parts = urlsplit(rule.runbook_url)
        except ValueError:
            parts = urlsplit("")
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise BadRule("A runbook is an address of the web.", "runbook_url")


def _feature_in(scope: str) -> str:
    """The feature that a scope is narrowed to, as in `feature:refunds env:production`."""
    root = parse(scope).root
    for item in root.items if isinstance(root, And) else (root,):
        if isinstance(item, Term) and item.field == "feature" and not item.is_negative:
            tests = [one for one in item.tests if isinstance(one, TextTest) and not one.glob]
            if len(tests) == len(item.tests) == 1:
                return tests[0].text[:200]
    return ""


def _channels(rule: AlertRule, said: Mapping[str, Any]) -> list[Channel]:
    live = Channel.objects.filter(project=rule.project, deleted_at=None)
    if "channels" not in said:
        return list(live.filter(pk__in=rule.channels.values("pk"))) if rule.pk else []
    wanted = {int(one) for one in said["channels"] or ()}
    found = list(live.filter(pk__in=[one for one in wanted if abs(one) < 2**63]))
    if len(found) != len(wanted):
        raise BadRule("This project has no such channel.", "channels")
    return found


def _query(project_id: int, name: str, text: str) -> str:
    text = text.encode("utf-8", "replace").decode().replace("\x00", "").strip()
    if len(text) > LONGEST_QUERY:
        raise BadRule(f"A query has at most {LONGEST_QUERY:,} characters.", name)
    try:
        plan = compile(parse(text), Scope(project_id=project_id))
    except QueryError as error:
        raise BadRule(error.message, name) from None
    if plan.needs_content:
        raise BadRule(
            "A rule looks every minute and reads no contents: leave out words, input, output, "
            "attr, segment, index and dataset.", name,
        )  # fmt: skip
    return text


def _amount(given: Any) -> Decimal:
    try:
        amount = Decimal(str(given)).quantize(Decimal("0.000000001"))
    except (InvalidOperation, ValueError):
        raise BadRule("Give a number.", "amount") from None
    if not amount.is_finite() or abs(amount) > _LARGEST:
        raise BadRule("This number is too large.", "amount")
    return amount


def _whole(given: Any, least: int, most: int, label: str, name: str) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or not least <= given <= most:
        raise BadRule(f"{label}: a whole number from {least:,} to {most:,}.", name)
    return given


def _one_of(given: Any, choices: Collection[Any], name: str) -> Any:
    if given not in choices:
        raise BadRule(f"{given!r} is none of the choices."[:300], name)
    return given
