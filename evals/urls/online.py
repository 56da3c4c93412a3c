"""Addresses of pages: online."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
