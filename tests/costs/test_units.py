"""Unit costs: sums of the roll-ups, over requests, sessions and good ends, with their ranges."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from accounts.models import Project
from audit.models import AuditEntry
from costs.models import GoodEnd
from costs.queries.units import Units, range_of_days, units_by
from costs.services.outcomes import choose_good_end
from tests.costs.making import DOLLAR
from tests.traces.seeing import call, store
from traces.feedback.given import GivenOutcome, GivenScore
from traces.queries import good_ends, unit_cases
from traces.services.outcomes import record_outcomes
from traces.services.scores import record_scores

pytestmark = pytest.mark.django_db
AT = "/p/support/costs/units/"


def seed(project: Project, count: int = 40) -> None:
    """Two versions: the second costs three times as much; every second trace is resolved."""
    records = []
    for place in range(count):
        version = 1 + place % 2
        records.append(
            call(
                f"t{place:03}", cost=version**2 * (1 + place % 3) / 10, feature="chat", ago=place,
                prompt_name="greet", prompt_version=str(version), model=f"m{version}",
                session_id=f"s{place // 4}", environment="production",
            )
        )  # fmt: skip
    records.append(call("x1", cost=7, feature="chat", environment="platform"))
    store(project, *records)
    settle(project)
    record_outcomes(
        project.pk,
        [GivenOutcome(name="resolved", trace_id=f"t{place:03}") for place in range(0, count, 4)]
        + [GivenOutcome(name="resolved", trace_id=f"t{place:03}") for place in range(1, count, 4)],
    )


def settle(project: Project) -> None:
    """Count the traces, as settling does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into trace_hour (project_id, hour, environment, feature, name, release, "
            "sampled, traces, errors, recovered, duration_us, lat_b, lat_n) "
            "select project_id, date_trunc('hour', start_time), coalesce(environment, ''), "
            "coalesce(feature, ''), coalesce(name, ''), coalesce(release, ''), false, count(*), "
            "0, 0, 0, '{}', '{}' from trace where project_id = %s group by 1, 2, 3, 4, 5, 6",
            [project.pk],
        )


def found(project: Project, by: str = "feature", **asked: Any) -> Units:
    return units_by(project, range_of_days("7", datetime.now(UTC).date()), by, **asked)


def test_each_unit_is_all_cost_over_what_there_was(project: Project) -> None:
    seed(project)
    choose_good_end(project, kind="outcome", name="resolved", actor=None)
    (row,) = found(project).rows
    spent = sum((1 + place % 2) ** 2 * (1 + place % 3) for place in range(40)) * DOLLAR // 10
    assert (row.cost, row.calls) == (spent, 40)
    assert row.request.amount == row.trace.amount == spent // 40
    assert row.session.amount == spent // 10
    assert row.end.amount == spent // 20, "all cost, of what was not resolved as well"
    assert (row.known, row.coverage) == (20, 1.0), "one case, a session, has an end each"
    assert row.trace.low is None, "ten sessions are too few for a range"
    whole = found(project)
    assert whole.try_outs == 7 * DOLLAR, "what is tried out is no traffic"
    assert (whole.is_all, whole.looked_at) == (True, 40)


def test_versions_are_compared_beyond_noise(project: Project) -> None:
    store(
        project,
        *(
            call(
                f"v{place:03}", cost=(1 + place % 2) ** 2 * (10 + place % 3) / 10, ago=place,
                prompt_name="greet", prompt_version=str(9 + place % 2), feature="chat",
                model="m" if place % 4 < 2 else "n",
            )
            for place in range(100)
        ),
    )  # fmt: skip
    settle(project)
    rows = {row.key: row for row in found(project, "prompt").rows}
    ten = rows["greet", "10"]
    assert ten.against == ("greet", "9")
    assert ten.stands_out
    assert ten.difference is not None
    assert 2.8 < ten.difference.change < 3.2
    assert ten.trace.low is not None
    assert ten.trace.amount is not None
    assert ten.trace.high is not None
    assert ten.trace.low < ten.trace.amount < ten.trace.high
    models = found(project, "model").rows
    assert [row.stands_out for row in models] == [False, False], "their costs are alike"
    assert found(project, "model", feature="nothing").rows == []


def test_a_score_may_be_the_good_end(project: Project) -> None:
    seed(project)
    record_scores(
        project.pk,
        [GivenScore(name="solved", value=place % 3 == 0, trace_id=f"t{place:03}", source="user")
         for place in range(30)]
        + [GivenScore(name="solved", value=True, trace_id="t000", source="human")]
        + [GivenScore(name="csat", value=place % 5, session_id=f"s{place}") for place in range(10)]
        + [GivenScore(name="end", value="won", data_type="category", trace_id="t001")],
    )  # fmt: skip
    good = {
        ("yes", "", None): 10, ("no", "", None): 20, ("at_least", "", 3.0): 4,
        ("is", "won", None): 1, ("at_most", "", -1.0): 0,
    }  # fmt: skip
    for (test, value, bar), number in good.items():
        name = {"is": "end"}.get(test, "csat" if bar is not None else "solved")
        choose_good_end(
            project, kind="score", name=name, test=test, value=value, bar=bar, actor=None
        )
        (row,) = found(project).rows
        assert row.end.number == number, test
        assert (row.end.amount is None) == (number == 0)
    choose_good_end(project, feature="chat", kind="outcome", name="resolved", actor=None)
    (row,) = found(project).rows
    assert row.end.number == 20, "a feature's own choice holds for it"
    assert found(project).whole.end.why == "none of the known ends is good"


def test_much_is_read_in_part_and_says_so(
    project: Project, monkeypatch: pytest.MonkeyPatch, member_client: Client
) -> None:
    seed(project, 80)
    choose_good_end(project, kind="outcome", name="resolved", actor=None)
    monkeypatch.setattr(unit_cases, "MOST_TRACES", 40)
    monkeypatch.setattr(good_ends, "MOST_READ", 10)
    (row,) = found(project).rows
    assert (row.calls, row.request.amount) == (80, row.cost // 80), "sums stay those of all"
    assertContains(member_client.get(f"{AT}?d=7"), "spread evenly over the days")


def test_the_page_says_what_is_unknown(member_client: Client, project: Project) -> None:
    assertContains(member_client.get(AT), "Nothing was spent")
    seed(project)
    store(project, call("t9", feature="free", model="nobody-knows"))
    page = member_client.get(f"{AT}?d=7&by=feature")
    for said in ("no good end is chosen", "no price is known", "1 request without a price",
                 "$7.00 in experiments", "7 days"):  # fmt: skip
        assertContains(page, said)
    assertNotContains(page, "Choose</button>")
    piece = member_client.get(f"{AT}?by=prompt", headers={"HX-Request": "true"})
    assertContains(piece, "greet v2")
    assertNotContains(piece, "<h1")
    assertContains(member_client.get(f"{AT}?feature=chat&by=model"), "Only the feature")
    for odd in ("?d=9999999999999999999", "?by=planet", "?feature=%00", "?d=-1", "?feature=%22"):
        assert member_client.get(f"{AT}{odd}").status_code == 200


def test_admins_choose_what_a_good_end_is(
    owner_client: Client, member_client: Client, project: Project
) -> None:
    choice = {"kind": "score", "name": "solved", "test": "yes", "source": "user"}
    assert member_client.post(AT, choice).status_code == 403
    assert owner_client.post(AT, choice).status_code == 303
    assertContains(owner_client.get(AT), "score solved is yes, by user")
    for wrong, why in (
        ({"name": ""}, "required"), ({"test": "is"}, "category"), ({"test": "at_least"}, "number"),
        ({"test": "at_most", "bar": "nan"}, "number"), ({"name": "a\x00"}, "Null"),
        ({"test": ""}, "which values"),
    ):  # fmt: skip
        assertContains(owner_client.post(AT, choice | wrong), why, status_code=422)
    assert owner_client.post(AT, {"kind": "outcome", "name": "resolved"}).status_code == 303
    (mine,) = GoodEnd.objects.all()
    entry = AuditEntry.objects.filter(action="good_end.chosen").latest("pk")
    assert entry.details["before"] == "score solved is yes, by user"
    assert owner_client.post(f"{AT}ends/{mine.pk}/drop/").status_code == 303
    assert not GoodEnd.objects.exists()
    assert AuditEntry.objects.filter(action="good_end.dropped").exists()


def test_the_file_and_rest_say_the_same(
    member_client: Client, owner_client: Client, project: Project
) -> None:
    seed(project)
    rest = "/api/v1/costs/units?project=support&days=7"
    ends = "/api/v1/costs/good-ends?project=support"
    sent = {"kind": "outcome", "name": "resolved"}
    assert member_client.put(ends, sent, "application/json").status_code == 403
    assert owner_client.put(ends, sent, "application/json").status_code == 200
    bad = owner_client.put(ends, {"kind": "score", "name": "x", "test": "is"}, "application/json")
    assert (bad.status_code, "category" in bad.content.decode()) == (400, True)
    (row,) = member_client.get(rest).json()["data"]
    answer = member_client.get(f"{AT}export/?d=7")
    (line,) = csv.DictReader(answer.content.decode().splitlines())
    assert line["per_end_usd"] == row["per_good_end"]["usd"]
    assert (row["good_end"], row["per_session"]["number"]) == ("outcome resolved", 10)
    assert member_client.get(f"{rest}&by=planet").status_code == 400
    assert owner_client.delete(ends).status_code == 204
    (row,) = member_client.get(rest).json()["data"]
    assert row["per_good_end"]["usd"] is None
    assert row["per_good_end"]["why"]


def test_rows_cost_no_queries(
    member_client: Client, project: Project, django_assert_max_num_queries: Any
) -> None:
    store(project, *(call(f"t{n}", cost=1, feature=f"f{n}", model=f"m{n}") for n in range(30)))
    choose_good_end(project, kind="outcome", name="resolved", actor=None)
    member_client.get(AT)
    with django_assert_max_num_queries(22):
        member_client.get(f"{AT}?by=model")
