"""A run's fingerprint: what answered and what was asked; where it changes, a segment begins."""

from __future__ import annotations

import pytest

from accounts.models import Project
from evals.models import ScheduleRun
from evals.pages import drift_words as words
from evals.queries.fingerprints import code_version
from prompts.models import Label
from tests.evals.planned import MODEL
from tests.evals.running import upstream
from tests.evals.scheduling import days, scheduled
from tests.prompts.making import chat, make_version
from tests.provider import Provider
from traces.models import SpanContent
from traces.queries.detail import document_of

__all__ = ["upstream"]
pytestmark = pytest.mark.django_db(transaction=True)


def segments() -> list[int | None]:
    rows = ScheduleRun.objects.filter(kind="planned").order_by("day")
    return list(rows.values_list("segment", flat=True))


def prints() -> list[dict[str, str]]:
    rows = ScheduleRun.objects.filter(kind="planned").order_by("day")
    return list(rows.values_list("fingerprint", flat=True))


@pytest.mark.parametrize("parameters", [{}, {"stream": True}])
def test_the_providers_fingerprint_is_kept_with_span_and_run(
    project: Project, upstream: Provider, parameters: dict[str, bool]
) -> None:
    upstream.systems = ["fp_1"]
    scheduled(project, upstream.url, items=3, parameters=parameters)
    days(0, 1)
    upstream.systems = ["fp_2"]
    days(2, 2)
    assert [one["system"] for one in prints()] == ["fp_1", "fp_1", "fp_2"]
    assert segments() == [1, 1, 2]
    document = document_of(SpanContent.objects.order_by("start_time")[0].body, ())
    assert document["attributes"]["gen_ai.openai.response.system_fingerprint"] == "fp_1"

    before, after = ScheduleRun.objects.filter(kind="planned").order_by("day")[1:]
    told = words.changes_between(before, after)
    assert told == [("system", "system fingerprint", "fp_1 to fp_2")]
    assert words.mark_of_change(["system"]) == "u"


def test_servers_that_take_turns_are_no_change_until_one_is_gone(
    project: Project, upstream: Provider
) -> None:
    scheduled(project, upstream.url, items=4)
    for day, systems in enumerate((["fp_1"], ["fp_1", "fp_2"], ["fp_2"], ["fp_2", "fp_3"])):
        upstream.systems = systems
        days(day, day)
    assert [one["system"] for one in prints()] == ["fp_1", "fp_1, fp_2", "fp_2", "fp_2, fp_3"]
    assert segments() == [1, 1, 2, 2]


def test_a_provider_that_tells_none_changes_nothing(project: Project, upstream: Provider) -> None:
    scheduled(project, upstream.url, items=2)
    days(0, 0)
    upstream.systems = ["fp_1"]
    days(1, 1)
    upstream.systems = []
    days(2, 2)
    assert segments() == [1, 1, 1]
    assert [one["system"] for one in prints()] == ["", "fp_1", "fp_1"]


def test_tools_and_code_count_as_what_it_ran_with(
    project: Project, upstream: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule = scheduled(project, upstream.url, items=2, label="production")
    days(0, 0)
    assert (prints()[0]["tools"], prints()[0]["code"]) == ("none", code_version())
    tool = {"type": "function", "function": {"name": "look_up", "parameters": {}}}
    content = chat(("user", "{{question}}"), model=MODEL, tools=[tool])
    Label.objects.update(version=make_version(project, schedule.prompt.name, content))
    days(1, 1)
    assert prints()[1]["tools"].startswith("look_up ")
    assert segments() == [1, 2]
    monkeypatch.setattr("evals.queries.fingerprints.release_of", lambda name: "99.0")
    code_version.cache_clear()
    days(2, 2)
    code_version.cache_clear()
    assert segments() == [1, 2, 3]
