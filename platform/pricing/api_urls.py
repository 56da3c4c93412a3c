"""Addresses of the REST of `pricing`."""

from django.urls import path

from pricing import api

app_name = "pricing_api"
urlpatterns = [
    path("prices", api.Prices.as_view(), name="prices"),
    path("prices/resolve", api.ResolvePrice.as_view(), name="resolve"),
    path("prices/preview", api.PreviewPrice.as_view(), name="preview"),
    path("prices/unpriced", api.UnpricedModels.as_view(), name="unpriced"),
    path("prices/jobs", api.Jobs.as_view(), name="jobs"),
    path("prices/jobs/<int:pk>", api.OneJob.as_view(), name="job"),
    path("prices/<int:pk>", api.OnePrice.as_view(), name="price"),
]
