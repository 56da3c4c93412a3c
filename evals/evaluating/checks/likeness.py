"""Checks of likeness and length. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from evals.evaluating.checks.texts import (
    IGNORE_BLANKS,
    NO_ANSWER,
    NOTHING_EXPECTED,
    answer_of,
    expected_of,
    normal,
)
from evals.evaluating.reading import MISSING, text_of
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

MOST_COMPARED = 20_000  # characters; the distance of two texts grows with their product
# The best part is looked for everywhere: of 2,000 characters in 0.2 s, of 4,000 in 1.4 s.
MOST_IN_PARTS = 2_000
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
# Of a run of signs only the first is looked at, so that a long one takes no more than one look.
_SENTENCE = re.compile(r"(?<![.!?。！？])[.!?。！？]++(?:\s|$)|[。！？]|\n{2,}")


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
    said = normal(text_of(answer), spec.config)
    wanted = normal(text_of(expected), spec.config)
    measure = spec.config.get("measure") or "token_f1"
    cut = ""
    most = MOST_IN_PARTS if measure == "partial" else MOST_COMPARED
    if measure != "token_f1" and max(len(said), len(wanted)) > most:
        said, wanted = said[:most], wanted[:most]
        cut = f" Of each the first {most:,} characters."
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


def _length_faults(config: Mapping[str, Any]) -> list[tuple[str, str]]:
    least, most = config.get("at_least"), config.get("at_most")
    if isinstance(least, int) and isinstance(most, int) and least > most:
        return [("at_most", "Must not be below the least.")]
    return []


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
        IGNORE_BLANKS,
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
