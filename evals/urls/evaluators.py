"""Addresses of pages: evaluators."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
