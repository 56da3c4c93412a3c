"""What is sent to propose, decide about and ask gates over REST."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from evals.deciding.inputs import MARGIN
from evals.deciding.measures import MEASURES
from evals.deciding.settings import MOST_REPEATS, ROLES, Chosen, GuardSetting, Settings
from prompts.models import PRODUCTION
from prompts.rest.bodies import Body
from prompts.rest.parameters import PageParameters, ProjectParameter
from traces.models import BarDirection

LONGEST_WAIT_S = 300
MOST_NUMBER = 2**31 - 1


class GateEvaluatorBody(Body):
    """An evaluator's version, and what it is for."""

    name = serializers.CharField(max_length=200)
    version = serializers.IntegerField(min_value=1, max_value=MOST_NUMBER)
    role = serializers.ChoiceField(choices=ROLES, default="primary")
    margin = serializers.FloatField(
        required=False, allow_null=True, default=None, help_text="Of a guard; else the gate's."
    )
    bar = serializers.FloatField(
        required=False, allow_null=True, default=None, help_text="Of a guard's mean."
    )
    direction = serializers.ChoiceField(choices=BarDirection.choices, default="at_least")


class GateGuardBody(Body):
    """What answers may not take more of than allowed."""

    metric = serializers.ChoiceField(choices=list(MEASURES))
    margin = serializers.FloatField(min_value=0, required=False)
    kind = serializers.ChoiceField(choices=["relative", "absolute"], required=False)
    limit = serializers.FloatField(
        required=False, allow_null=True, default=None,
        help_text="Nano-dollars, milliseconds, or a share of answers.",
    )  # fmt: skip


class GateBody(Body):
    """A gate to be proposed, whole: what is left out has its default."""

    prompt = serializers.CharField(max_length=1000)
    environment = serializers.CharField(max_length=100, default=PRODUCTION)
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=5000)
    dataset = serializers.CharField(max_length=1000)
    dataset_version = serializers.IntegerField(min_value=1, max_value=MOST_NUMBER)
    evaluators = GateEvaluatorBody(many=True)
    guards = GateGuardBody(many=True, required=False, default=list)
    feature = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=200,
        help_text="Its approved target binds the gate.",
    )  # fmt: skip
    margin = serializers.FloatField(default=MARGIN, min_value=0)
    bar = serializers.FloatField(required=False, allow_null=True, default=None)
    repeats = serializers.IntegerField(default=1, min_value=1, max_value=MOST_REPEATS)
    smallest_sample = serializers.IntegerField(default=0, min_value=0, max_value=1_000_000)
    slices = serializers.ListField(
        child=serializers.CharField(max_length=100), required=False, default=list, max_length=50
    )
    with_held_out = serializers.BooleanField(default=True)
    provider = serializers.CharField(required=False, allow_blank=True, default="", max_length=80)
    model = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)
    cost_cap_usd = serializers.DecimalField(
        required=False, allow_null=True, default=None, max_digits=12, decimal_places=6, min_value=0
    )
    enabled = serializers.BooleanField(default=True)


def settings_of_body(given: dict[str, Any]) -> Settings:
    """The settings of a valid body; the service says what no gate can be."""
    cap: Decimal | None = given["cost_cap_usd"]
    return Settings(
        dataset=given["dataset"],
        dataset_version=given["dataset_version"],
        evaluators=tuple(Chosen(**one) for one in given["evaluators"]),
        guards=tuple(_guard(one) for one in given["guards"]),
        cost_cap_nano=None if cap is None else int(cap * 1_000_000_000),
        slices=tuple(given["slices"]),
        is_enabled=given["enabled"],
        **{
            name: given[name]
            for name in (
                "feature", "margin", "bar", "repeats", "smallest_sample", "with_held_out",
                "provider", "model",
            )
        },
    )  # fmt: skip


def _guard(given: dict[str, Any]) -> GuardSetting:
    known = MEASURES[given["metric"]]
    return GuardSetting(
        given["metric"], given.get("margin", known.margin), given.get("kind", known.kind),
        given["limit"],
    )  # fmt: skip


class GateDecisionBody(Body):
    """What is said with a decision."""

    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=5000)


def _wait() -> serializers.IntegerField:
    return serializers.IntegerField(
        required=False, default=0, min_value=0, max_value=LONGEST_WAIT_S,
        help_text="Seconds to wait for the answer; keep it below what proxies allow.",
    )  # fmt: skip


class GateQuestionBody(Body):
    """What the gate is asked about."""

    prompt = serializers.CharField(max_length=1000)
    version = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=MOST_NUMBER,
        help_text="Left out with a model: the version that serves, under that model.",
    )  # fmt: skip
    environment = serializers.CharField(max_length=100, default=PRODUCTION)
    baseline = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=100,
        help_text="A label or a version; left out what the environment serves; `none` is nothing.",
    )  # fmt: skip
    model = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)
    fresh = serializers.BooleanField(
        default=False, help_text="true: ask the version anew, although its answers are there."
    )
    wait = _wait()


class RunParameters(ProjectParameter):
    """Parameters of one run."""

    wait = _wait()


class GateParameters(PageParameters):
    """Which gates."""

    prompt = serializers.CharField(required=False, allow_blank=True, default="")
