"""Addresses of REST: datasets."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
