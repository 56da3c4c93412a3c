"""What is different in a selection: the measure itself, and the traces that it is taken from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertContains

from accounts.models import Project
from tests.traces.seeing import call, store
from traces.queries import differences
from traces.queries.criteria import Criteria
from traces.queries.differences import sides
from traces.values.differing import (
    Counted,
    benjamini_hochberg,
    compared,
    different,
    effect,
    p_value,
)

pytestmark = pytest.mark.django_db

LIST = "/p/support/traces/"
PIECE = {"HX-Request": "true"}
# inside, of, rest, of: p and h as statsmodels 0.15.0 says (proportions_ztest,
# proportion_effectsize), adjusted as scipy 1.17.1 (false_discovery_control) and statsmodels do.
KNOWN = (
    (12, 364, 38, 3748, 0.000148249210076, 0.163437485505, 2.9649842015e-04),
    (87, 364, 150, 3748, 1.532477271544e-54, 0.618803253274, 1.2259818172e-53),
    (113, 364, 675, 3748, 1.617828032109e-09, 0.305402213325, 4.3142080856e-09),
    (5, 50, 0, 400, 2.017704573253e-10, 0.643501108793, 8.0708182930e-10),
    (300, 364, 3090, 3748, 0.989920508274832, -0.000693394801, 9.8992050827e-01),
    (0, 364, 40, 3748, 0.047632673650241, -0.206983502722, 6.3510231534e-02),
    (7, 20, 9, 30, 0.710410129540943, 0.106824192052, 8.1189729090e-01),
    (364, 364, 3700, 3748, 0.029870225671413, 0.226820444145, 4.7792361074e-02),
)


@pytest.mark.parametrize("row", KNOWN)
def test_p_and_h_are_those_of_statsmodels(
    row: tuple[int, int, int, int, float, float, float],
) -> None:
    inside, n, rest, m, p, h, _ = row
    assert p_value(Counted("f", "v", inside, rest, n, m)) == pytest.approx(p, rel=1e-6)
    assert effect(inside / n, rest / m) == pytest.approx(h, rel=1e-6)


def test_many_comparisons_are_adjusted_as_scipy_does() -> None:
    found = benjamini_hochberg([row[4] for row in KNOWN])
    assert found == pytest.approx([row[6] for row in KNOWN], rel=1e-6)
    assert benjamini_hochberg([]) == []


def test_the_largest_effect_comes_first_and_chance_is_left_out() -> None:
    values = [
        Counted("model", "a", 87, 150, 364, 3748),
        Counted("tag", "b", 113, 675, 364, 3748),
        Counted("env", "same", 300, 3090, 364, 3748),
        Counted("user", "rare", 4, 0, 364, 3748),
    ]
    assert [one.counted.value for one in different(values)] == ["a", "b"]
    assert "rare" not in [one.counted.value for one in compared(values)]
    assert different([Counted("model", "a", 4, 0, 4, 100)]) == []  # too few to say


def _filled(project: Project) -> tuple[datetime, datetime]:
    """Sixty calls of an hour ago, and thirty of now, most of which use another prompt."""
    common = {"release": "1.4", "prompt_name": "refund"}
    gold = {"attributes": {"tier": "gold"}}
    store(
        project,
        *(
            call(f"old-{n}", ago=3600 + n, prompt_version="14", **gold, **common)
            for n in range(60)
        ),
        *(
            call(f"new-{n}", ago=60 + n, prompt_version="15" if n % 3 else "14",
                 attributes={"tier": "free" if n % 2 else "gold"}, **common)
            for n in range(30)
        ),
    )  # fmt: skip
    now = datetime.now(UTC)
    return now - timedelta(minutes=10), now + timedelta(minutes=1)


def test_traces_of_both_sides_are_counted(project: Project) -> None:
    since, until = _filled(project)
    criteria = Criteria(since=until - timedelta(hours=6))
    found = sides(project.pk, criteria, since, until)
    assert (found.inside, found.rest, found.read) == (30, 60, 90)
    counted = {(one.field, one.key, one.value): (one.inside, one.rest) for one in found.values}
    assert counted["prompt", "", "refund/15"] == (20, 0)
    assert counted["prompt", "", "refund/14"] == (10, 60)
    assert counted["attr", "tier", "free"] == (15, 0)
    assert counted["status", "", "ok"] == (30, 60)
    first = different(found.values)[0].counted
    assert first.value in {"refund/15", "15", "refund/14", "14"}


def test_chips_add_their_term_to_the_query(project: Project, member_client: Client) -> None:
    since, until = _filled(project)
    chosen = f"{since:%Y-%m-%dT%H:%M:%SZ}..{until:%Y-%m-%dT%H:%M:%SZ}"
    parameters = {"t": "6h", "piece": "differs", "sel": chosen, "q": "release:1.4"}
    response = member_client.get(LIST, parameters, headers=PIECE)
    assertContains(response, "q=release%3A1.4+prompt%3Arefund%2F15")
    assertContains(response, "66.7%")
    assertContains(response, "Cohen")
    for wrong in ("", "24h", "x..y", "2020-01-01..2020-01-02"):
        answer = member_client.get(LIST, parameters | {"sel": wrong}, headers=PIECE)
        assertContains(answer, 'id="differs"')


def test_the_comparison_asks_little_and_ends_in_time(
    project: Project,
    member_client: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    since, until = _filled(project)
    with django_assert_max_num_queries(45):
        sides(project.pk, Criteria(), since, until)
    slow = differences._STATEMENT.replace("select 'all'", "select pg_sleep(1)::text || 'all'")
    monkeypatch.setattr(differences, "_STATEMENT", slow)
    monkeypatch.setattr(differences, "HARD_SECONDS", 0.05)
    assert sides(project.pk, Criteria(), since, until).is_too_wide
