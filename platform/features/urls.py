"""Addresses of the pages of `features`; sub-resources stand before the feature."""

from django.urls import path

from features.views import features, rules, targets

app_name = "features"
urlpatterns = [
    path("features/", features.feature_list, name="features"),
    path("features/new/", features.feature_new, name="feature_new"),
    path("features/rules/", rules.rules, name="rules"),
    path("features/<path:name>/targets/new/", targets.target_new, name="target_new"),
    path("features/<path:name>/targets/<int:number>/act/", targets.target_act, name="target_act"),
    path("features/<path:name>/targets/<int:number>/", targets.target, name="target"),
    path("features/<path:name>/edit/", features.feature_edit, name="feature_edit"),
    path("features/<path:name>/archive/", features.feature_archive, name="feature_archive"),
    path("features/<path:name>/", features.feature, name="feature"),
]
