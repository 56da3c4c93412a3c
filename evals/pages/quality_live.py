"""The live part of the page of quality, put together: lanes, rates, changes, then and now."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date

from accounts.models import Project
from evals.pages import live_told as told
from evals.pages.live import LiveLane, lane_of_live, order_of
from evals.pages.quality import Days
from evals.pages.texts import TextLane, lane_of_texts
from evals.queries.live import live_of
from evals.queries.live_changes import changes_of, launched
from evals.queries.texts import sides_of, watches_of
from evals.values.live import Asked
from traces.queries.score_figures import Choices, ScoreScope, score_choices

MOST_LANES = 14


@dataclass(frozen=True)
class LivePart:
    """What the page shows of live traffic."""

    scope: ScoreScope
    choices: Choices
    lanes: list[LiveLane] = field(default_factory=list)
    hidden: int = 0  # lanes that are not drawn
    rates: list[told.Told] = field(default_factory=list)
    marks: list[told.ChangeMark] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    launch: date | None = None
    is_launch_chosen: bool = False
    compared: list[told.ThenNow] = field(default_factory=list)

    @property
    def barred(self) -> list[LiveLane]:
        """Lanes with a bar."""
        return [one for one in self.lanes if one.bar]

    @property
    def good(self) -> int:
        """Lanes on the right side of their bar."""
        return sum(bool(one.is_good) for one in self.barred)


def live_part(project: Project, days: Days, asked: Asked, *, everything: bool = False) -> LivePart:
    """All of it. A fixed number of statements, whatever there is."""
    scope = ScoreScope(
        project.pk, date.fromordinal(days.first), date.fromordinal(days.last),
        feature=asked.feature, prompt=asked.prompt, model=asked.model,
    )  # fmt: skip
    choices = score_choices(scope)
    live = live_of(project, scope)
    lanes = sorted((lane_of_live(one, days) for one in live.series), key=order_of)
    kept = lanes if everything else lanes[:MOST_LANES]
    shown = [replace(one, href=told.traces_of(one.series, scope, project.slug)) for one in kept]
    prompts = choices.prompts_of(asked.feature)
    if asked.prompt:
        prompts = [asked.prompt.rpartition("/")[0]]
    series = [one.series for one in shown]
    changes = changes_of(project, scope, series, prompts) if series else []
    launch = asked.launch
    if launch is None and prompts and (moment := launched(project, prompts)) is not None:
        launch = moment.astimezone(UTC).date()
    compared: list[told.ThenNow] = []
    if launch is not None and series and launch.toordinal() + 2 * told.WINDOW <= days.last + 1:
        last = date.fromordinal(launch.toordinal() + told.WINDOW - 1)
        window = ScoreScope(project.pk, launch, last, "", asked.feature, asked.prompt, asked.model)
        then = live_of(project, window).series
        compared = told.then_and_now(series, then, launch.toordinal(), days.last)
    marks = told.marks_of(changes, days, project.slug, asked.narrowing)
    return LivePart(
        scope, choices, shown, len(lanes) - len(shown), told.rates_told(live.rates), marks,
        live.unread, launch, asked.launch is not None, compared,
    )  # fmt: skip


def texts_part(project: Project, days: Days, feature: str) -> list[TextLane]:
    """Lanes of what texts are about; three statements, one where nothing is watched."""
    watches = [one for one in watches_of(project) if feature in ("", one.feature)]
    if not watches:
        return []
    return [lane_of_texts(one, days) for one in sides_of(watches, days.first)]
