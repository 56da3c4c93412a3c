"""Checks of what an answer is made of: JSON, a schema, a number. Pure."""

from __future__ import annotations

from evals.evaluating.checks.texts import NO_ANSWER, NOTHING_EXPECTED, answer_of, expected_of
from evals.evaluating.reading import MISSING, json_of, number_of
from evals.evaluating.setting import EXPECTED_FIELD, FIELD, Check, Setting
from evals.evaluating.spec import Spec
from evals.evaluating.subject import Subject, Verdict
from evals.evaluating.verdicts import undefined, verdict_of
from evals.values.schemas import fault_of_value


def _valid_json(spec: Spec, subject: Subject) -> Verdict:
    answer = answer_of(spec, subject)
    if answer is MISSING:
        return verdict_of(spec, False, NO_ANSWER)
    try:
        json_of(_unfenced(spec, answer))
    except ValueError as error:
        return verdict_of(spec, False, f"No JSON: {error}")
    return verdict_of(spec, True, "The answer is JSON.")


def _unfenced(spec: Spec, answer: object) -> object:
    """A fence around the JSON is an error where the settings say so."""
    is_fenced = isinstance(answer, str) and answer.lstrip().startswith("```")
    return "" if is_fenced and not spec.config.get("allow_fence", True) else answer


def _schema(spec: Spec, subject: Subject) -> Verdict:
    answer = answer_of(spec, subject)
    if answer is MISSING:
        return verdict_of(spec, False, NO_ANSWER)
    try:
        document = json_of(_unfenced(spec, answer))
    except ValueError as error:
        return verdict_of(spec, False, f"No JSON: {error}")
    fault = fault_of_value(document, spec.config["schema"])
    return verdict_of(spec, not fault, fault or "The answer satisfies the schema.")


def _numeric(spec: Spec, subject: Subject) -> Verdict:
    expected = expected_of(spec, subject)
    wanted = None if expected is MISSING else number_of(expected)
    if wanted is None:
        return undefined(
            NOTHING_EXPECTED if expected is MISSING else "What is expected is no number."
        )
    answer = answer_of(spec, subject)
    which = spec.config.get("which") or "last"
    given = None if answer is MISSING else number_of(answer, which)
    if given is None:
        return verdict_of(spec, False, "The answer holds no number.")
    absolute = spec.config.get("absolute") or 0.0
    relative = spec.config.get("relative") or 0.0
    allowed = max(absolute, relative * abs(wanted))
    apart = abs(given - wanted)
    # A tolerance of .01 holds between 0.30 and 0.31, whatever binary fractions make of it.
    good = apart <= allowed + 1e-9 * max(abs(given), abs(wanted), allowed)
    said = f"{given:.12g} against {wanted:.12g}: {apart:.6g} apart, {allowed:.6g} allowed."
    return verdict_of(spec, good, said)


_FENCE = Setting("allow_fence", "A code fence around it is fine", "flag", default=True)
VALID_JSON = Check("json", "Valid JSON", "The answer is JSON.", _valid_json, (FIELD, _FENCE))
JSON_SCHEMA = Check(
    "json_schema",
    "JSON schema",
    "The answer is JSON that satisfies a schema (2020-12).",
    _schema,
    (
        Setting("schema", "Schema", "schema", is_required=True, help="References stay within it."),
        FIELD,
        _FENCE,
    ),
)
NUMERIC = Check(
    "numeric",
    "Number",
    "The number in the answer is the expected one, within a tolerance.",
    _numeric,
    (
        Setting("absolute", "Tolerance", "number", 0.0, least=0),
        Setting(
            "relative", "Tolerance, relative", "number", 0.0, least=0, most=1,
            help="0.01 is one percent of what is expected; the wider of both holds.",
        ),
        Setting(
            "which", "Which number", "choice", "last",
            (("last", "the last in the answer"), ("first", "the first"), ("only", "nothing else")),
        ),
        FIELD,
        EXPECTED_FIELD,
    ),
)  # fmt: skip
