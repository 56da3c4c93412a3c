"""Addresses of REST of `features`."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
