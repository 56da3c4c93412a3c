"""Django's entry for the app `evals`."""

from typing import Any

from django.apps import AppConfig


class EvalsConfig(AppConfig):
    """See the package's docstring."""

    name = "evals"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hear of deleted projects, human scores, proposed versions and targets; require the gate.

        The gate's check is required of every change request that a gate stands for.
        """
        from accounts.overview_panels import Panel, add_panel
        from accounts.signals import project_deleted
        from costs.queries.measured import register as register_tokens
        from evals.events import EVENTS
        from evals.pages.acts import ADD_TO_DATASET, SEND_TO_QUEUE
        from evals.pages.palettes import (
            datasets,
            evaluators,
            experiments,
            gates,
            judges,
            schedules,
        )
        from evals.queries.gates import CHECK, required_since
        from evals.queries.panel_items import taken_from_item
        from evals.queries.token_use import SOURCE
        from features.signals import target_approved
        from gateway.panel.from_item import Items, register_items
        from kit import palette
        from notices.events import declare
        from prompts.queries import required
        from prompts.signals import version_proposed
        from traces.signals import (
            demo_begun,
            demo_loaded,
            people_scored,
            score_deleted,
            traces_deleted,
        )
        from traces.values import acts

        add_panel(Panel("experiments", "Experiments", "evals:runs_overview", is_open=False))
        acts.register(ADD_TO_DATASET)
        acts.register(SEND_TO_QUEUE)
        palette.register("experiments", experiments.entries)
        palette.register("datasets", datasets.entries)
        palette.register("judges", judges.entries)
        palette.register("evaluators", evaluators.entries)
        palette.register("gates", gates.entries)
        palette.register("schedules", schedules.entries)
        declare(*EVENTS)
        register_tokens(SOURCE)
        register_items(Items(taken_from_item, "evals:panel_items"))
        project_deleted.connect(_remove_rows, dispatch_uid="evals.remove")
        people_scored.connect(_take_scores, dispatch_uid="evals.take_scores")
        score_deleted.connect(_forget_score, dispatch_uid="evals.forget_score")
        traces_deleted.connect(_forget_answers, dispatch_uid="evals.forget_answers")
        required.register(CHECK, required_since)
        version_proposed.connect(_ask_gates, dispatch_uid="evals.ask_gates")
        target_approved.connect(_ask_gates, dispatch_uid="evals.ask_gates_anew")

        # After prompts, which connects before: its app stands first.
        demo_begun.connect(_begin_demo, dispatch_uid="evals.begin_demo")
        demo_loaded.connect(_complete_demo, dispatch_uid="evals.complete_demo")


def _remove_rows(sender: Any, project_id: int, **_: Any) -> None:
    from kit.jobs import nudge

    nudge("evals.remove_deleted_projects", project_id)


def _ask_gates(sender: Any, **_: Any) -> None:
    from kit.jobs import nudge

    nudge("evals.run_gates")


def _take_scores(sender: Any, project_id: int, names: list[str], **_: Any) -> None:
    from kit.jobs import nudge

    for name in names:
        nudge("evals.take_labels", project_id, name)


def _forget_score(sender: Any, project_id: int, score_id: str, **_: Any) -> None:
    from evals.services.labels import forget_score

    forget_score(project_id, score_id)


def _forget_answers(sender: Any, project_id: int, trace_ids: list[str], **_: Any) -> None:
    from evals.services.labels import forget_answers

    forget_answers(project_id, trace_ids)


def _begin_demo(sender: Any, **story: Any) -> None:
    from evals.demo import begin
    from prompts.demo import Story

    begin(Story(story["project"], story["anchor"], story["seed"]))


def _complete_demo(sender: Any, **story: Any) -> None:
    from evals.demo import complete
    from prompts.demo import Story

    complete(Story(story["project"], story["anchor"], story["seed"]))
