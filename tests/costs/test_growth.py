"""How fast cost grows with users is said with its interval, or why nothing can be said."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pytest
import statsmodels.api as sm
from django.db import connection
from django.test import Client
from pytest_django.asserts import assertContains

from accounts.models import Project
from costs.economy.growth import TooLittle, growth, huber, standard_errors
from costs.pages.growth import panels_of
from costs.queries.growth import growth_of

TODAY = datetime(2026, 11, 20, tzinfo=UTC).date()


def days(
    exponent: float, *, n: int = 60, seed: int = 1, noise: float = 0.08
) -> tuple[list[float], list[float]]:
    chance = np.random.default_rng(seed)
    users = np.round(200 * np.exp(np.cumsum(chance.normal(0.02, 0.08, n))))
    costs = 3e8 * users**exponent * np.exp(chance.normal(0, noise, n))
    return [float(one) for one in users], [float(round(one)) for one in costs]


def test_it_is_the_regression_of_the_reference() -> None:
    sizes, costs = days(1.3)
    x, y = np.log(sizes), np.log(costs)
    y[[7, 30]] += 2
    design = np.column_stack([np.ones(len(x)), x])
    beta, residuals, scale = huber(design, y)
    robust = sm.RLM(y, design, M=sm.robust.norms.HuberT(1.345)).fit(
        scale_est="mad", tol=1e-12, maxiter=500
    )
    assert beta == pytest.approx(robust.params, rel=1e-3)
    plain = sm.OLS(y, design).fit(cov_type="HAC", cov_kwds={"maxlags": 3, "use_correction": True})
    least = y - design @ plain.params
    assert standard_errors(design, least, 1e9, 3) == pytest.approx(plain.bse, rel=1e-9)
    assert scale == pytest.approx(np.median(np.abs(residuals)) / 0.6745)


@pytest.mark.parametrize("true", [0.7, 1.0, 1.34])
def test_it_finds_the_exponent_in_spite_of_days_far_off(true: float) -> None:
    held = 0
    for seed in range(20):
        sizes, costs = days(true, seed=seed)
        costs[11] *= 20
        costs[40] /= 10
        found = growth(sizes, costs)
        held += found.low <= true <= found.high
        assert found.outlying >= 2
        assert abs(found.exponent - true) < 0.15
    assert held >= 17


def test_neighbouring_days_that_resemble_each_other_widen_it() -> None:
    chance = np.random.default_rng(3)
    sizes, _ = days(1)
    drift, walk = 0.0, []
    for shock in chance.normal(0, 0.1, len(sizes)):
        drift = 0.8 * drift + shock
        walk.append(drift)
    costs = [size * np.exp(off) * 1e6 for size, off in zip(sizes, walk, strict=True)]
    found = growth(sizes, costs)
    assert found.rho > 0.4
    alone = growth(*days(1, noise=0.1))
    assert found.high - found.low > alone.high - alone.low


@pytest.mark.parametrize(
    ("sizes", "why"),
    [([10.0] * 13, "It takes 14 days"), ([100.0, 101.0] * 20, "hardly differed")],
)
def test_too_little_is_said(sizes: list[float], why: str) -> None:
    with pytest.raises(TooLittle, match=why):
        growth(sizes, [one * 2 for one in sizes])


def test_money_that_is_exactly_in_proportion_has_an_exponent() -> None:
    sizes = [float(one) for one in range(10, 40)]
    found = growth(sizes, [one**2 for one in sizes])
    assert (found.exponent, found.low, found.high) == pytest.approx((2, 2, 2), abs=1e-6)
    with pytest.raises(ValueError, match="above 0"):
        growth([0.0] * 20, [1.0] * 20)


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def stored(project: Project, sizes: list[float], costs: list[float], unpriced: int = 0) -> None:
    with connection.cursor() as cursor:
        for back, (users, cost) in enumerate(zip(sizes, costs, strict=True), 1):
            day = TODAY - timedelta(days=back)
            cursor.execute(
                "insert into usage_hour (project_id, hour, environment, feature, model, provider, "
                "prompt_name, prompt_version, kind, spans, errors, calls, unpriced, in_uncached, "
                "in_cached, in_cache_write, in_audio, out_text, out_reasoning, out_audio, "
                "cost_nano, duration_us, lat_b, lat_n) values (%s, %s, '', 'f', 'm', '', '', '', "
                "1, 9, 0, %s, %s, 0, 0, 0, 0, 0, 0, 0, %s, 0, '{}', '{}')",
                [project.pk, _noon(day), int(users * 3), unpriced if back == 1 else 0, cost],
            )
            cursor.execute(
                "insert into user_day (project_id, day, environment, user_id, traces, errors, "
                "calls, metered, unpriced, tokens_in, tokens_out, cost_nano, duration_us) "
                "select %s, %s, '', 'u' || n, 1, 0, 1, 1, 0, 1, 1, 1, 1 "
                "from generate_series(1, %s) n",
                [project.pk, day, int(users)],
            )


@pytest.mark.django_db
def test_it_is_said_in_words(project: Project) -> None:
    sizes, costs = days(1.34, n=40, noise=0.05)
    stored(project, [size / 10 for size in sizes], costs, unpriced=1000)
    users, requests = panels_of(growth_of(project.pk, today=TODAY))
    assert users.sentence.startswith("Cost grows faster than users: twice the users cost 2.")
    assert users.tone == "bad"
    assert len(users.dots) == 39
    assert users.notes[0] == "1 day left out: more than 5% of the calls have no price."
    assert "requests" in requests.sentence


@pytest.mark.django_db
def test_nothing_known_is_no_zero(project: Project) -> None:
    users, requests = panels_of(growth_of(project.pk, today=TODAY))
    assert users.sentence == requests.sentence == "No call has come yet."
    stored(project, [3.0] * 5, [10.0] * 5)
    users, _ = panels_of(growth_of(project.pk, today=TODAY))
    assert (users.sentence, users.figure) == ("It takes 14 days; 5 can be used so far.", "")


@pytest.mark.django_db
def test_it_stands_where_the_spend_of_users_is_read(
    member_client: Client, project: Project
) -> None:
    page = member_client.get("/p/support/costs/spend/?by=user")
    assertContains(page, "How cost grows")
    assertContains(page, "No call has come yet.")
    assert "How cost grows" not in member_client.get("/p/support/costs/spend/").content.decode()
    assert project.slug == "support"
