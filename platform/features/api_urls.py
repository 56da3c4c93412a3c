"""Addresses of REST of `features`; sub-resources stand before the feature."""

from django.urls import path

from features import api

app_name = "features_api"
TARGET = "features/<path:name>/targets/<int:number>"
urlpatterns = [
    path("features", api.Features.as_view(), name="features"),
    path("features/rules", api.Rules.as_view(), name="rules"),
    path("features/<path:name>/targets", api.Targets.as_view(), name="targets"),
    path(TARGET, api.OneTarget.as_view(), name="target"),
    path(f"{TARGET}/propose", api.ProposeTarget.as_view(), name="target_propose"),
    path(f"{TARGET}/approve", api.ApproveTarget.as_view(), name="target_approve"),
    path(f"{TARGET}/decline", api.DeclineTarget.as_view(), name="target_decline"),
    path(f"{TARGET}/withdraw", api.WithdrawTarget.as_view(), name="target_withdraw"),
    path("features/<path:name>", api.OneFeature.as_view(), name="feature"),
]
