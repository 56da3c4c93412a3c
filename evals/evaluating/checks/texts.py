"""Checks of texts: exact, pattern, words that are held. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from evals.evaluating.patterns import pattern_of
from evals.evaluating.reading import MISSING, field_of, text_of
from evals.evaluating.setting import (
    BOOLEAN,
    EXPECTED_FIELD,
    FIELD,
    IGNORE_CASE,
    NUMBER,
    Check,
    Setting,
)
from evals.evaluating.spec import Spec
from evals.evaluating.subject import Subject, Verdict
from evals.evaluating.verdicts import undefined, verdict_of

NOTHING_EXPECTED = "The item says nothing of what is expected."
NO_ANSWER = "There is no answer."
_BLANKS = re.compile(r"\s+")


def answer_of(spec: Spec, subject: Subject) -> Any:
    """What is looked at: the answer, or the field of it that the settings name; MISSING: none."""
    if subject.output is None:
        return MISSING
    return field_of(subject.output, spec.config.get("field") or "")


def expected_of(spec: Spec, subject: Subject) -> Any:
    """What is expected, or the field of it that the settings name; MISSING: none is known."""
    if subject.expected is None:
        return MISSING
    return field_of(subject.expected, spec.config.get("expected_field") or "")


def normal(text: str, config: Mapping[str, Any]) -> str:
    """`text` as it is compared, by the settings for case and blanks."""
    text = unicodedata.normalize("NFC", text)
    if config.get("ignore_blanks", True):
        text = _BLANKS.sub(" ", text).strip()
    return text.casefold() if config.get("ignore_case", False) else text


def _exact(spec: Spec, subject: Subject) -> Verdict:
    expected = expected_of(spec, subject)
    if expected is MISSING:
        return undefined(NOTHING_EXPECTED)
    answer = answer_of(spec, subject)
    if answer is MISSING:
        return verdict_of(
            spec, False, "The answer has no such field." if subject.output else NO_ANSWER
        )
    allowed = expected if spec.config.get("any_of") and isinstance(expected, list) else [expected]
    said = normal(text_of(answer), spec.config)
    if any(said == normal(text_of(one), spec.config) for one in allowed):
        return verdict_of(spec, True, "The answer is what is expected.")
    wanted = " or ".join(repr(text_of(one)[:200]) for one in allowed[:5])
    return verdict_of(spec, False, f"Expected {wanted}, got {text_of(answer)[:200]!r}.")


def _regex(spec: Spec, subject: Subject) -> Verdict:
    answer = answer_of(spec, subject)
    text = "" if answer is MISSING else text_of(answer)
    pattern = pattern_of(spec.config["pattern"], spec.config.get("flags") or "")
    found = pattern.fullmatch(text) if spec.config.get("whole") else pattern.search(text)
    wants = spec.config.get("must", "match") == "match"
    said = "The pattern matches" if found else "The pattern does not match"
    evidence = [found.group()[:300]] if found and found.group() else []
    return verdict_of(spec, bool(found) == wants, f"{said}.", evidence=evidence)


def _contains(spec: Spec, subject: Subject) -> Verdict:
    config = spec.config
    if config.get("words_from", "settings") == "expected":
        expected = expected_of(spec, subject)
        listed = expected if isinstance(expected, list) else [expected]
        words = [] if expected is MISSING else [text_of(one) for one in listed]
        words = [word for word in words if word.strip()]
        if not words:
            return undefined(NOTHING_EXPECTED)
    else:
        words = list(config.get("words") or ())
    answer = answer_of(spec, subject)
    text = normal("" if answer is MISSING else text_of(answer), config)
    found = [word for word in words if _holds(text, normal(word, config), config)]
    lacking = [word for word in words if word not in found]
    mode = config.get("mode", "all")
    if spec.data_type == NUMBER:
        share = len(found) / len(words)
        num = 1.0 - share if mode == "none" else share
        return verdict_of(spec, num, _listed(found, lacking), evidence=found)
    good = {"all": not lacking, "any": bool(found), "none": not found}[mode]
    return verdict_of(spec, good, _listed(found, lacking), evidence=found)


def _holds(text: str, word: str, config: Mapping[str, Any]) -> bool:
    if not config.get("whole_words"):
        return word in text
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


def _listed(found: list[str], lacking: list[str]) -> str:
    said = []
    if found:
        said.append("Found: " + ", ".join(repr(word[:100]) for word in found[:20]) + ".")
    if lacking:
        said.append("Not found: " + ", ".join(repr(word[:100]) for word in lacking[:20]) + ".")
    return " ".join(said)


def _contains_faults(config: Mapping[str, Any]) -> list[tuple[str, str]]:
    if config.get("words_from", "settings") == "settings" and not config.get("words"):
        return [("words", "Say which texts, or take them from the expected output.")]
    return []


IGNORE_BLANKS = Setting("ignore_blanks", "Ignore blanks", "flag", default=True)
EXACT = Check(
    "exact",
    "Exact match",
    "The answer is the expected output.",
    _exact,
    (
        FIELD,
        EXPECTED_FIELD,
        Setting("ignore_case", "Ignore case", "flag", default=False),
        IGNORE_BLANKS,
        Setting(
            "any_of", "Any of a list", "flag", False, help="A list that is expected holds variants."
        ),
    ),
)
REGEX = Check(
    "regex",
    "Pattern",
    "A regular expression matches the answer, in linear time (RE2).",
    _regex,
    (
        Setting("pattern", "Pattern", "pattern", is_required=True, help="As RE2 takes it."),
        Setting("flags", "Flags", "flags", help="i ignores case, m lines, s dot, U lazy."),
        Setting(
            "must", "Passes when it", "choice", "match",
            (("match", "matches"), ("not_match", "does not match")),
        ),
        Setting("whole", "The whole answer", "flag", False),
        FIELD,
    ),
)  # fmt: skip
CONTAINS = Check(
    "contains",
    "Contains",
    "The answer holds all, any or none of some texts.",
    _contains,
    (
        Setting(
            "words_from", "Texts come from", "choice", "settings",
            (("settings", "these settings"), ("expected", "the expected output")),
        ),
        Setting("words", "Texts", "words", help="One a line."),
        Setting(
            "mode", "Passes with", "choice", "all",
            (("all", "all of them"), ("any", "any of them"), ("none", "none of them")),
        ),
        IGNORE_CASE,
        Setting("whole_words", "Whole words only", "flag", False),
        FIELD,
        EXPECTED_FIELD,
    ),
    types=(BOOLEAN, NUMBER),
    faults=_contains_faults,
)  # fmt: skip
