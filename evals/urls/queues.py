"""Addresses of pages: queues."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
