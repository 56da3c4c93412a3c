"""Texts are compared by a provider's vectors: what that costs, and what when it fails."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.models import Project
from bench.drift_texts import Traffic
from evals.models import TextReference
from evals.services.text_days import compare_next, plan_days
from gateway import client
from gateway.models import Provider as Connected
from pricing.services.prices import set_price
from pricing.terms import Terms as Prices
from tests.evals.test_texts_are_watched import said
from tests.evals.texting import TODAY, look, month, watched
from tests.provider import Provider, running
from traces.models import Span

pytestmark = pytest.mark.django_db(transaction=True)
EMBEDDER = "text-embedding-3-small"
TOPICS = [set(words) for words in Traffic(4).words]


def about(text: str) -> list[float]:
    """A vector that knows the topic by its words, as a model would."""
    said = set(text.split())
    return [0.01 * (len(said) % 3), *(float(len(said & words)) for words in TOPICS)]


@pytest.fixture
def upstream(project: Project) -> Iterator[Provider]:
    with running() as provider:
        provider.embedder = about
        Connected.objects.create(
            project=project, name="Test", kind="openai", base_url=provider.url,
            model_names=[EMBEDDER], is_default=True,
        )  # fmt: skip
        yield provider
    client.close()


def test_a_providers_vectors_cost_the_platform_and_keep_no_text(
    project: Project, upstream: Provider
) -> None:
    set_price(project, Prices(EMBEDDER, {"in_uncached": Decimal("0.02")}), actor=None)
    month(project)
    watch = watched(project, method="provider", model=EMBEDDER, provider="Test")
    look(watch, 2)
    assert said(watch) == ["once", "drift"]
    reference = TextReference.objects.get()
    assert reference.vectors
    calls = len(upstream.requests)
    assert calls == 3 + 3 + 3  # the reference once, a window a day, 96 texts a call
    spans = Span.objects.filter(project_id=project.pk, name="watch texts")
    assert spans.count() == calls
    assert {one.environment for one in spans} == {"platform"}
    assert {one.input_preview for one in spans} <= {None, ""}


def test_a_provider_that_fails_is_tried_again_and_then_said(
    project: Project, upstream: Provider
) -> None:
    month(project, 0.0, new=1)
    watch = watched(project, method="provider", model="no-such-model", provider="Test")
    plan_days(TODAY)
    for hours in range(3):
        while compare_next(TODAY + timedelta(hours=hours)):
            pass
    row = watch.days.order_by("-day").first()
    assert row is not None
    assert (row.state, row.attempts) == ("failed", 3)
    assert "no-such-model" in row.error
