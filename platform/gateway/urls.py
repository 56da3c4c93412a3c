"""Addresses of the pages of `gateway`."""

from django.urls import path

from gateway.views import panel, providers

_PROVIDERS = "settings/providers/"

app_name = "gateway"
urlpatterns = [
    path("prompts/<path:name>/test/", panel.test_panel, name="test_panel"),
    path(_PROVIDERS, providers.provider_list, name="providers"),
    path(f"{_PROVIDERS}new/", providers.provider_new, name="provider_new"),
    path(f"{_PROVIDERS}<int:pk>/", providers.provider_edit, name="provider_edit"),
    path(f"{_PROVIDERS}<int:pk>/test/", providers.provider_test, name="provider_test"),
    path(f"{_PROVIDERS}<int:pk>/default/", providers.provider_default, name="provider_default"),
    path(f"{_PROVIDERS}<int:pk>/delete/", providers.provider_delete, name="provider_delete"),
]
