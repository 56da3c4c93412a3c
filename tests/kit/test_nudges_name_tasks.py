"""Every nudge names a task that a worker knows; a typing error would be silent otherwise."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from django.apps import apps

from config.celery import app
from kit.jobs import nudge

ROOT = Path(__file__).resolve().parents[2]


def nudged(path: Path, module: str) -> Iterator[str]:
    """First arguments of the calls of `nudge` in a file; a name stands for its constant."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id != nudge.__name__:
                continue
            first = node.args[0]
            if isinstance(first, ast.Constant):
                yield str(first.value)
            else:
                assert isinstance(first, ast.Name), f"{path}: name the task, or a constant for it"
                yield getattr(import_module(module), first.id)


def test_every_nudge_names_a_registered_task() -> None:
    app.loader.import_default_modules()
    found = {}
    for config in apps.get_app_configs():
        folder = Path(config.path)
        if not folder.is_relative_to(ROOT) or "site-packages" in folder.parts:
            continue
        for path in folder.rglob("*.py"):
            dotted = ".".join([config.name, *path.relative_to(folder).with_suffix("").parts])
            for name in nudged(path, dotted):
                found[name] = str(path.relative_to(ROOT))
    assert found
    unknown = {name: where for name, where in found.items() if name not in app.tasks}
    assert not unknown


def test_every_task_of_the_schedule_is_registered() -> None:
    app.loader.import_default_modules()
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)
