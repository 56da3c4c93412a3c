"""Addresses of REST: queues and labels."""

from django.urls import URLPattern, path

from evals.api import queues

urlpatterns: list[URLPattern] = [
    path("queues", queues.Queues.as_view(), name="api_queues"),
    path("queues/<int:pk>", queues.OneQueue.as_view(), name="api_queue"),
    path("queues/<int:pk>/items", queues.QueueItems.as_view(), name="api_queue_items"),
    path("queues/<int:pk>/next", queues.NextItem.as_view(), name="api_queue_next"),
    path(
        "queues/<int:pk>/items/<int:item>/labels",
        queues.ItemLabels.as_view(),
        name="api_queue_labels",
    ),
    path("labels", queues.Labels.as_view(), name="api_labels"),
]
