"""What templates of evals say of scores, runs and datasets."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

from django import template
from django.urls import NoReverseMatch, reverse

from accounts.models import Project
from evals.models import Dataset, Experiment
from evals.pages import wording
from evals.queries.measures import Measure

register = template.Library()


@register.filter
def score(value: float | None) -> str:
    """A score as `0.83`."""
    return wording.score(value)


@register.filter
def score_title(name: str) -> str:
    """A score's name as a heading."""
    return wording.title_of(name)


@register.filter
def bar(measure: Measure) -> str:
    """The bar of a score as `≥ 0.85`."""
    return wording.bar_text(measure.bar, measure.is_higher_better)


@register.filter
def dataset_href(experiment: Experiment, project: Project) -> str:
    """The page of the dataset's version that a run is over."""
    if experiment.dataset is None:
        return ""
    name = f"{experiment.dataset.name}@{experiment.dataset_version}"
    try:
        return reverse("evals:dataset", args=[project.slug, name])
    except NoReverseMatch:
        return f"/p/{project.slug}/datasets/{quote(name)}/"


@register.filter
def dataset_page(dataset: Dataset, project: Project) -> str:
    """The page of a dataset, at its newest version."""
    try:
        return reverse("evals:dataset", args=[project.slug, dataset.name])
    except NoReverseMatch:
        return f"/p/{project.slug}/datasets/{quote(dataset.name)}/"


@register.filter
def cut_folders(name: str) -> str:
    """A name without its folders."""
    return name.rpartition("/")[2]


@register.filter
def took(experiment: Experiment) -> timedelta | None:
    """How long a run that is over took."""
    if experiment.started_at is None or experiment.finished_at is None:
        return None
    return experiment.finished_at - experiment.started_at
