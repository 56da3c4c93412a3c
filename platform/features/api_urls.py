"""Addresses of REST of `features`; sub-resources stand before the feature."""

from django.urls import path

from features import api

app_name = "features_api"
urlpatterns = [
    path("features", api.Features.as_view(), name="features"),
    path("features/rules", api.Rules.as_view(), name="rules"),
    path("features/<path:name>/targets", api.Targets.as_view(), name="targets"),
    path(
        "features/<path:name>/targets/<int:number>",
        api.OneTarget.as_view(),
        name="target",
    ),
    *(
        path(
            f"features/<path:name>/targets/<int:number>/{act}",
            api.TargetAct.as_view(act=act),
            name=f"target_{act}",
        )
        for act in ("propose", "approve", "decline", "withdraw")
    ),
    path("features/<path:name>", api.OneFeature.as_view(), name="feature"),
]
