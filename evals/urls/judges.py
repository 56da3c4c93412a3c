"""Addresses of pages: judges; sub-resources stand before the judge, whose name may hold slashes."""

from django.urls import path

from evals.views import corrected, judges

urlpatterns = [
    path("judges/", judges.judge_list, name="judges"),
    path("judges/<path:name>/answers/", judges.judge_answers, name="judge_answers"),
    path("judges/<path:name>/more/", judges.label_more, name="judge_more"),
    path("judges/<path:name>/settle/", judges.settle, name="judge_settle"),
    path("judges/<path:name>/", judges.judge, name="judge"),
    path("experiments/<int:number>/judged/", corrected.experiment_judged, name="experiment_judged"),
]
