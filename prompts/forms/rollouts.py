"""How a rollout is asked for: a share, stages with the time between them, or a test."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms

from accounts.models import Project
from prompts.guarding.metrics import COST, ERRORS, LATENCY, THUMBS
from prompts.models import WHOLE, ChangeRequest
from prompts.services.errors import NothingToDo
from prompts.services.planning import planned_test
from prompts.services.rolling import Plan, Stage

STOPS = (500, 1000, 2500, 5000, WHOLE)
SOAKS = {"hours": 60, "days": 24 * 60}


class PlanForm(forms.Form):
    """`mode` by hand: the share stands until a person changes it."""

    share = forms.CharField(max_length=20)
    mode = forms.ChoiceField(
        required=False,
        choices=[("hand", "By hand"), ("hours", "An hour each"), ("days", "A day each"),
                 ("test", "As an A/B test")],
    )  # fmt: skip
    metric = forms.CharField(required=False, max_length=250)
    effect = forms.CharField(required=False, max_length=20)

    def __init__(self, *given: Any, project: Project, **more: Any) -> None:
        super().__init__(*given, **more)
        self.project = project

    def clean_share(self) -> int:
        """In hundredths of a percent. Raises: ValidationError."""
        share = hundredths(self.cleaned_data["share"])
        if share is None:
            raise forms.ValidationError("A share is a number of percent, such as 10.")
        return share

    def plan(self, request: ChangeRequest) -> Plan:
        """What the form asks for. Raises: NothingToDo."""
        share, mode = self.cleaned_data["share"], self.cleaned_data["mode"] or "hand"
        if mode == "test":
            return Plan(share=share, test=self._test(request, share))
        if mode in SOAKS and share < WHOLE:
            shares = [share, *(stop for stop in STOPS if stop > share)]
            return Plan(share=share, stages=[Stage(one, SOAKS[mode]) for one in shares])
        return Plan(share=share)

    def _test(self, request: ChangeRequest, share: int) -> dict[str, Any]:
        try:
            percent = Decimal(self.cleaned_data["effect"].strip().removesuffix("%").strip())
        except InvalidOperation:
            raise NothingToDo(
                "An A/B test needs the least difference that matters, such as 2 %."
            ) from None
        return planned_test(
            request,
            metric=self.cleaned_data["metric"] or ERRORS,
            effect=float(percent) / 100,
            share=share,
        )


TESTABLE = ((ERRORS, "Errors"), (LATENCY, "Latency"), (COST, "Cost"), (THUMBS, "Thumbs down"))


def hundredths(text: str) -> int | None:
    """Percent with at most two decimals as hundredths; None for anything else."""
    try:
        percent = Decimal(text.strip().removesuffix("%").strip().replace(",", "."))
    except InvalidOperation:
        return None
    whole = percent * 100
    if not percent.is_finite() or whole != whole.to_integral_value() or not 0 <= percent <= 100:
        return None
    return int(whole)
