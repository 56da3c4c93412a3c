"""Addresses of REST: judges."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
