"""Addresses of REST: evaluators."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
