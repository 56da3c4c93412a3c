"""Addresses of pages: gates."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
