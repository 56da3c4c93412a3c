"""Addresses of the pages of `pricing`."""

from django.urls import path

from pricing import views

app_name = "pricing"
urlpatterns = [
    path("costs/prices/", views.price_list, name="prices"),
    path("costs/prices/jobs/", views.job_list, name="jobs"),
    path("costs/prices/jobs/<int:pk>/cancel/", views.job_cancel, name="job_cancel"),
    path("costs/prices/jobs/<int:pk>/again/", views.job_again, name="job_again"),
    path("costs/prices/<int:pk>/end/", views.price_end, name="price_end"),
    path("costs/prices/<int:pk>/remove/", views.price_remove, name="price_remove"),
]
