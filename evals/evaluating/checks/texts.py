"""Checks of texts: exact, pattern, words, similarity, length. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

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
MOST_COMPARED = 20_000  # characters; the distance of two texts grows with their product
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SENTENCE = re.compile(r"[.!?。！？]+(?:\s|$)|[。！？]|\n{2,}")
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


def words_of(text: str) -> list[str]:
    """The words of `text` in lower case, without signs; ideographs are words of their own."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    found: list[str] = []
    for word in _WORD.findall(plain):
        if any("\u3040" <= letter <= "\u30ff" or "\u4e00" <= letter <= "\u9fff" for letter in word):
            found += list(word)
        else:
            found.append(word)
    return found


def _normal(text: str, config: Mapping[str, Any]) -> str:
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
    said = _normal(text_of(answer), spec.config)
    if any(said == _normal(text_of(one), spec.config) for one in allowed):
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
    text = _normal("" if answer is MISSING else text_of(answer), config)
    found = [word for word in words if _holds(text, _normal(word, config), config)]
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


def token_f1(answer: str, expected: str) -> float:
    """F1 of the words that both have in common, as SQuAD counts it. Both empty: 1.

    Source: Rajpurkar et al. 2016, https://arxiv.org/abs/1606.05250, evaluation script v1.1; here
    articles are kept, because they are words only in English.
    """
    ours, theirs = words_of(answer), words_of(expected)
    if not ours or not theirs:
        return float(ours == theirs)
    common = sum((Counter(ours) & Counter(theirs)).values())
    if not common:
        return 0.0
    precision, recall = common / len(ours), common / len(theirs)
    return 2 * precision * recall / (precision + recall)


_MEASURES: dict[str, Callable[[str, str], float]] = {
    "ratio": lambda a, b: fuzz.ratio(a, b) / 100,
    "token_sort": lambda a, b: fuzz.token_sort_ratio(a, b) / 100,
    "token_set": lambda a, b: fuzz.token_set_ratio(a, b) / 100,
    "partial": lambda a, b: fuzz.partial_ratio(a, b) / 100,
    "levenshtein": Levenshtein.normalized_similarity,
    "token_f1": token_f1,
}


def _similarity(spec: Spec, subject: Subject) -> Verdict:
    expected = expected_of(spec, subject)
    if expected is MISSING:
        return undefined(NOTHING_EXPECTED)
    answer = answer_of(spec, subject)
    if answer is MISSING:
        return verdict_of(spec, 0.0, NO_ANSWER)
    said = _normal(text_of(answer), spec.config)
    wanted = _normal(text_of(expected), spec.config)
    measure = spec.config.get("measure") or "token_f1"
    cut = ""
    if measure != "token_f1" and max(len(said), len(wanted)) > MOST_COMPARED:
        said, wanted = said[:MOST_COMPARED], wanted[:MOST_COMPARED]
        cut = f" Of each the first {MOST_COMPARED:,} characters."
    if not said and not wanted:
        return verdict_of(spec, 1.0, "Both are empty.")
    return verdict_of(spec, float(_MEASURES[measure](said, wanted)), f"{measure}.{cut}")


def length_of(text: str, unit: str) -> int:
    """How long `text` is in characters, words or sentences."""
    if unit == "words":
        return len(words_of(text))
    if unit == "sentences":
        return len([piece for piece in _SENTENCE.split(text) if piece.strip()])
    return len(text)


def _length(spec: Spec, subject: Subject) -> Verdict:
    unit = spec.config.get("unit") or "characters"
    answer = answer_of(spec, subject)
    if unit == "tokens":
        if subject.output_tokens is None:
            return undefined("The provider told no tokens.")
        count = subject.output_tokens
    else:
        count = 0 if answer is MISSING else length_of(text_of(answer), unit)
    said = f"{count:,} {unit}."
    if spec.data_type == NUMBER:
        return verdict_of(spec, count, said)
    least, most = spec.config.get("at_least"), spec.config.get("at_most")
    good = (least is None or count >= least) and (most is None or count <= most)
    return verdict_of(spec, good, said)


def _contains_faults(config: Mapping[str, Any]) -> list[tuple[str, str]]:
    if config.get("words_from", "settings") == "settings" and not config.get("words"):
        return [("words", "Say which texts, or take them from the expected output.")]
    return []


def _length_faults(config: Mapping[str, Any]) -> list[tuple[str, str]]:
    least, most = config.get("at_least"), config.get("at_most")
    if isinstance(least, int) and isinstance(most, int) and least > most:
        return [("at_most", "Must not be below the least.")]
    return []


_BLANKS_SETTING = Setting("ignore_blanks", "Ignore blanks", "flag", default=True)
EXACT = Check(
    "exact",
    "Exact match",
    "The answer is the expected output.",
    _exact,
    (
        FIELD,
        EXPECTED_FIELD,
        Setting("ignore_case", "Ignore case", "flag", default=False),
        _BLANKS_SETTING,
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
SIMILARITY = Check(
    "similarity",
    "Similarity",
    "How near the answer is to the expected output, from 0 to 1.",
    _similarity,
    (
        Setting(
            "measure", "Measure", "choice", "token_f1",
            (
                ("token_f1", "F1 of common words"), ("ratio", "Edits of characters (ratio)"),
                ("levenshtein", "Levenshtein, normalised"), ("token_sort", "Words in any order"),
                ("token_set", "Set of words"), ("partial", "Best part"),
            ),
        ),
        IGNORE_CASE,
        _BLANKS_SETTING,
        FIELD,
        EXPECTED_FIELD,
    ),
    types=(NUMBER,),
    minimum=0.0,
    maximum=1.0,
    bar=0.7,
)  # fmt: skip
LENGTH = Check(
    "length",
    "Length",
    "How long the answer is.",
    _length,
    (
        Setting(
            "unit", "Counted in", "choice", "characters",
            (("characters", "characters"), ("words", "words"), ("sentences", "sentences"),
             ("tokens", "tokens, as the provider told")),
        ),
        Setting("at_least", "At least", "whole", least=0, help="For yes or no."),
        Setting("at_most", "At most", "whole", least=0, help="For yes or no."),
        FIELD,
    ),
    types=(NUMBER, BOOLEAN),
    minimum=0.0,
    bar=None,
    direction="at_most",
    faults=_length_faults,
)  # fmt: skip
