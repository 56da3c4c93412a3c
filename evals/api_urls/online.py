"""Addresses of REST: online."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
