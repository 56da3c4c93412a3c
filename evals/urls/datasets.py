"""Addresses of pages: datasets."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
