"""Addresses of the REST of `gateway`."""

from django.urls import path

from gateway import api

app_name = "gateway_api"
urlpatterns = [
    path("providers", api.Providers.as_view(), name="providers"),
    path("providers/<int:pk>", api.OneProvider.as_view(), name="provider"),
    path("providers/<int:pk>/test", api.ProviderTest.as_view(), name="provider_test"),
]
