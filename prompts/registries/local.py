"""The registry of a project in this installation's database."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict

from django.conf import settings

from accounts.models import Project
from accounts.services.trail import Actor
from prompts.addresses import review_path
from prompts.files import BadFile, RegistryFiles, Step, read_registry, written
from prompts.models import ChangeRequest
from prompts.queries.files import plan_of, registry_files, statuses_of, waiting_reviews
from prompts.registries.lines import Line, Refused
from prompts.services.files import apply_files


class LocalRegistry:
    """Acts in the name of `actor`: a key's, a person's, or (None) the product's own."""

    def __init__(self, project: Project, actor: Actor) -> None:
        self._project = project
        self._actor = actor

    def export(self) -> dict[str, str]:
        """The text of every file by its path. Raises: Refused, TooMuch."""
        try:
            return written(registry_files(self._project))
        except BadFile as bad:
            raise Refused(str(bad)) from None

    def plan(self, texts: Mapping[str, str], *, prune: bool) -> list[Line]:
        """The steps; a label that is proposed already names its review. Raises: Refused."""
        steps = plan_of(self._project, _read(texts), prune=prune)
        waiting = waiting_reviews(self._project)
        return [
            self._line(step, waiting.get((step.prompt, step.label, step.number or 0)))
            for step in steps
        ]

    def apply(self, texts: Mapping[str, str], *, prune: bool) -> list[Line]:
        """The steps that were taken. Raises: Refused, Conflicting, and other DomainErrors."""
        taken = apply_files(self._project, _read(texts), prune=prune, actor=self._actor)
        return [self._line(one.step, one.request) for one in taken]

    def statuses(self, reviews: Collection[int]) -> dict[int, str]:
        """Where reviews stand."""
        return statuses_of(self._project, reviews)

    def _line(self, step: Step, request: ChangeRequest | None) -> Line:
        if request is None or step.act != "propose_label":
            return Line(**asdict(step))
        at = f"{settings.PUBLIC_URL}{review_path(self._project, request.number)}"
        return Line(**asdict(step), review=request.number, url=at)


def _read(texts: Mapping[str, str]) -> RegistryFiles:
    try:
        return read_registry(texts)
    except BadFile as bad:
        raise Refused(str(bad)) from None
