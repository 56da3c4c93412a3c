"""Addresses of pages: queues."""

from django.urls import path

from evals.views import labelling, queues, sending

urlpatterns = [
    path("queue/", queues.queue_list, name="queues"),
    path("queue/waiting/", queues.waiting, name="queue_waiting"),
    path("queue/new/", queues.queue_new, name="queue_new"),
    path("queue/send/", sending.send_traces, name="queue_send"),
    path("queue/send/fields/", sending.send_fields, name="queue_send_fields"),
    path("queue/<int:pk>/", labelling.label_next, name="queue_label"),
    path("queue/<int:pk>/act/", labelling.label_act, name="queue_act"),
    path("queue/<int:pk>/items/", queues.queue_items, name="queue_items"),
    path("queue/<int:pk>/add/", queues.queue_fill, name="queue_fill"),
    path("queue/<int:pk>/settings/", queues.queue_edit, name="queue_edit"),
]
