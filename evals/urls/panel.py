"""The piece of the test panel that shows items."""

from django.urls import path

from evals.views import panel

urlpatterns = [path("test-panel/items/", panel.panel_items, name="panel_items")]
