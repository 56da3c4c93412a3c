"""Addresses of pages: judges."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
