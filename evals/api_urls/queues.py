"""Addresses of REST: queues."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
