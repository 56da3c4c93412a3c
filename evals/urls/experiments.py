"""Addresses of pages: experiments."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
