"""Addresses of REST: gates."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
