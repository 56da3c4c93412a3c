"""Templates stand, their examples bear their categories, and their record is honest."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from evals.evaluating.judging.asking import forget_habits
from evals.evaluating.judging.fencing import parts_of
from evals.evaluating.judging.rubric import lacks, question_of
from evals.evaluating.settings import faults_of, filled
from evals.evaluating.templates import TEMPLATES, Template, terms_of_template
from gateway import client
from gateway.client import Connection
from tests.evals.judging import answering, said, spec, verdict
from tests.gateway.calling import openai
from tests.provider import Provider, running

every = pytest.mark.parametrize("template", TEMPLATES.values(), ids=list(TEMPLATES))


def judge_of(template: Template, connection: Connection | None):  # type: ignore[no-untyped-def]
    terms = terms_of_template(template, model="gpt-4o-mini")
    given = {
        "data_type": terms.data_type, "categories": terms.categories, "values": terms.values,
        "bar": terms.bar, "model": terms.model, "connection": connection,
    }  # fmt: skip
    return spec("judge", given=given, **terms.config)


def test_there_are_the_six_that_were_promised() -> None:
    assert set(TEMPLATES) == {
        "relevance", "coherence", "safety", "tone", "hallucination", "refusal"
    }  # fmt: skip


@every
def test_its_settings_stand_and_its_examples_cover_every_category(template: Template) -> None:
    assert faults_of("judge", filled("judge", terms_of_template(template, model="m"))) == []
    assert {one.label for one in template.examples} == set(template.categories)
    assert len(template.examples) >= 10
    judge = judge_of(template, None)
    assert not any(lacks(judge, one.subject) for one in template.examples)
    asked = question_of(judge, parts_of(template.examples[0].subject, template.sees))
    assert template.rubric in asked.system
    assert str(len(template.examples)) in template.record[0]
    assert "No agreement of any model" in template.record[-1]


@pytest.fixture
def upstream() -> Iterator[Provider]:
    forget_habits()
    with running() as provider:
        yield provider
    client.close()


@every
@pytest.mark.django_db(transaction=True)
def test_every_category_is_read_back(upstream: Provider, template: Template) -> None:
    judge = judge_of(template, openai(upstream))
    for name in template.categories:
        upstream.script = answering(verdict(verdict=name.upper()))
        assert said(judge, template.examples[0].subject).label == name
