"""Addresses of prompts and reviews below a project; sub-resources stand before the prompt."""

from django.urls import path, register_converter

from prompts.views import (
    environments,
    label_acts,
    registry,
    review_acts,
    reviews,
    rollouts,
    writing,
)


class VersionPair:
    """`14..15`: two numbers of versions."""

    regex = r"[0-9]{1,9}\.\.[0-9]{1,9}"

    def to_python(self, value: str) -> tuple[int, int]:
        """Both numbers."""
        first, second = value.split("..")
        return int(first), int(second)

    def to_url(self, value: tuple[int, int]) -> str:
        """The text in the address."""
        return f"{value[0]}..{value[1]}"


register_converter(VersionPair, "pair")

app_name = "prompts"
urlpatterns = [
    path("reviews/", reviews.review_list, name="reviews"),
    path("reviews/open/", reviews.open_reviews, name="open_reviews"),
    path("reviews/waiting/", reviews.waiting, name="waiting"),
    path("reviews/new/", reviews.review_new, name="review_new"),
    path("reviews/<int:number>/", reviews.review, name="review"),
    path("reviews/<int:number>/news/", reviews.review_news, name="review_news"),
    path("reviews/<int:number>/verdict/", review_acts.verdict, name="verdict"),
    path(
        "reviews/<int:number>/verdict/<int:pk>/dismiss/",
        review_acts.verdict_dismiss,
        name="verdict_dismiss",
    ),
    path("reviews/<int:number>/override/", review_acts.override, name="override"),
    path("reviews/<int:number>/change/", review_acts.review_change, name="review_change"),
    path("reviews/<int:number>/viewed/", review_acts.viewed, name="viewed"),
    path("reviews/<int:number>/comment/", review_acts.comment, name="comment"),
    path(
        "reviews/<int:number>/threads/<int:pk>/reply/",
        review_acts.thread_reply,
        name="thread_reply",
    ),
    path(
        "reviews/<int:number>/threads/<int:pk>/resolve/",
        review_acts.thread_resolve,
        name="thread_resolve",
    ),
    path(
        "reviews/<int:number>/suggestions/<int:pk>/apply/",
        review_acts.suggestion_apply,
        name="suggestion_apply",
    ),
    path("reviews/<int:number>/rollout/", rollouts.start, name="rollout_start"),
    path("labels/<int:pk>/rollback/", label_acts.rollback, name="rollback"),
    path(
        "labels/<int:pk>/rollback/<int:move>/undo/", label_acts.rollback_undo, name="rollback_undo"
    ),
    path("labels/<int:pk>/rollback/<int:move>/why/", label_acts.rollback_why, name="rollback_why"),
    path("labels/<int:pk>/set/", label_acts.label_set, name="label_set"),
    path("rollouts/<int:pk>/share/", rollouts.share, name="rollout_share"),
    path("rollouts/<int:pk>/resume/", rollouts.go_on, name="rollout_resume"),
    path("rollouts/<int:pk>/arms/", rollouts.arms, name="arms"),
    path("settings/environments/", environments.environment_list, name="environments"),
    path(
        "settings/environments/<str:name>/",
        environments.environment_edit,
        name="environment_edit",
    ),
    path(
        "settings/environments/<str:name>/delete/",
        environments.environment_delete,
        name="environment_delete",
    ),
    path("settings/environments/<str:name>/serving/", environments.who_serves, name="who_serves"),
    path("settings/owners/", environments.owners, name="owners"),
    path("settings/delegations/", environments.delegation_add, name="delegation_add"),
    path("settings/delegations/<int:pk>/end/", environments.delegation_end, name="delegation_end"),
    path("prompts/", registry.prompt_list, name="prompts"),
    path("prompts/figures/runs/", registry.prompt_figures, name="figures"),
    path("prompts/new/", writing.prompt_new, name="prompt_new"),
    path("prompts/<path:name>/v/<int:number>/", registry.version, name="version"),
    path("prompts/<path:name>/compare/<pair:pair>/", registry.compare, name="compare"),
    path("prompts/<path:name>/compare/", registry.compare_choose, name="compare_choose"),
    path("prompts/<path:name>/versions/new/", writing.version_new, name="version_new"),
    path("prompts/<path:name>/versions/about/", writing.about, name="about"),
    path("prompts/<path:name>/versions/archive/", writing.archive, name="archive"),
    path("prompts/<path:name>/", registry.prompt, name="prompt"),
]
