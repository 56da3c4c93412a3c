"""Addresses of the REST of prompts; sub-resources stand before the prompt itself."""

from django.urls import path

from prompts.api import (
    change_requests,
    checks,
    comments,
    environments,
    files,
    labels,
    prompts,
    reviews,
    rollouts,
    standing_in,
    versions,
)

app_name = "prompts_api"
urlpatterns = [
    *files.urlpatterns,
    path("prompts", prompts.Prompts.as_view(), name="prompts"),
    path(
        "prompts/<path:name>/versions/<int:number>", versions.OneVersion.as_view(), name="version"
    ),
    path("prompts/<path:name>/versions", versions.Versions.as_view(), name="versions"),
    path(
        "prompts/<path:name>/compare/<int:old>..<int:new>",
        versions.Comparison.as_view(),
        name="compare",
    ),
    path("prompts/<path:name>/labels/<str:label>", labels.OneLabel.as_view(), name="label"),
    path("prompts/<path:name>/history", labels.History.as_view(), name="history"),
    path(
        "prompts/<path:name>/rollback/<int:pk>/undo",
        labels.UndoneRollback.as_view(),
        name="rollback_undo",
    ),
    path("prompts/<path:name>/rollback/<int:pk>", labels.OneRollback.as_view(), name="rolled_back"),
    path("prompts/<path:name>/rollback", labels.Rollback.as_view(), name="rollback"),
    path("change-requests", change_requests.ChangeRequests.as_view(), name="change_requests"),
    path(
        "change-requests/<int:number>",
        change_requests.OneChangeRequest.as_view(),
        name="change_request",
    ),
    path("change-requests/<int:number>/open", change_requests.Opened.as_view(), name="open"),
    path("change-requests/<int:number>/close", change_requests.Closed.as_view(), name="close"),
    path("change-requests/<int:number>/reopen", change_requests.Reopened.as_view(), name="reopen"),
    path("change-requests/<int:number>/reviews", reviews.Reviews.as_view(), name="reviews"),
    path(
        "change-requests/<int:number>/reviews/<int:pk>/dismiss",
        reviews.DismissedReview.as_view(),
        name="review_dismiss",
    ),
    path(
        "change-requests/<int:number>/override",
        reviews.OverriddenChecks.as_view(),
        name="override",
    ),
    path("change-requests/<int:number>/reviewers", reviews.Reviewers.as_view(), name="reviewers"),
    path("change-requests/<int:number>/checks", checks.Checks.as_view(), name="checks"),
    path("change-requests/<int:number>/comments", comments.Comments.as_view(), name="comments"),
    path(
        "change-requests/<int:number>/comments/<int:pk>/reply",
        comments.Replies.as_view(),
        name="comment_reply",
    ),
    path(
        "change-requests/<int:number>/comments/<int:pk>/resolve",
        comments.ResolvedThread.as_view(),
        name="comment_resolve",
    ),
    path(
        "change-requests/<int:number>/comments/<int:pk>/apply",
        comments.AppliedSuggestion.as_view(),
        name="comment_apply",
    ),
    path(
        "change-requests/<int:number>/rollout",
        rollouts.RolloutOfRequest.as_view(),
        name="rollout_of_request",
    ),
    path(
        "change-requests/<int:number>/rollout/halt",
        rollouts.HaltedRollout.as_view(),
        name="rollout_halt",
    ),
    path(
        "change-requests/<int:number>/rollout/resume",
        rollouts.ResumedRollout.as_view(),
        name="rollout_resume",
    ),
    path(
        "change-requests/<int:number>/rollout/complete",
        rollouts.CompletedRollout.as_view(),
        name="rollout_complete",
    ),
    path("rollouts", rollouts.Rollouts.as_view(), name="rollouts"),
    path("rollouts/<int:pk>", rollouts.OneRollout.as_view(), name="rollout"),
    path("rollouts/<int:pk>/events", rollouts.RolloutEvents.as_view(), name="rollout_events"),
    path("environments", environments.Environments.as_view(), name="environments"),
    path("environments/<str:name>", environments.OneEnvironment.as_view(), name="environment"),
    path("folder-owners", standing_in.FolderOwners.as_view(), name="folder_owners"),
    path("delegations", standing_in.Delegations.as_view(), name="delegations"),
    path("delegations/<int:pk>", standing_in.OneDelegation.as_view(), name="delegation"),
    # The name is that by which `prompts.serving.endpoint` knows its own address.
    path("prompts/<path:name>", prompts.OnePrompt.as_view(), name="prompt-read"),
]
