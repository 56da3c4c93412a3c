"""Markdown of comments, the tint of a person, shares of traffic."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from prompts.diff.parts import Part
from prompts.models import Prompt, PromptVersion, Rollout
from prompts.pages.reviewers import hue_of
from prompts.queries.serving import Standing
from traces.pages.markdown import LONGEST, rendered

register = template.Library()


@register.filter
def markup(text: str) -> SafeString | str:
    """Markdown made safe; text that is too long to be parsed stays as it is."""
    return rendered(text) if len(text) <= LONGEST else text


@register.filter
def hue(user_pk: int | None) -> str:
    """The tint of a person's avatar: a, b, c or d."""
    return hue_of(user_pk)


@register.filter
def share(hundredths: int | None) -> str:
    """A share in hundredths of a percent as `10%`, `2.5%`; unknown is a dash."""
    return "–" if hundredths is None else f"{hundredths / 100:g}%"


@register.filter
def share_left(hundredths: int | None) -> str:
    """What the other arm has: `90%` beside a share of 10 %."""
    return share(None if hundredths is None else 10_000 - hundredths)


@register.filter
def last_part(name: str) -> str:
    """A name without its folders."""
    return name.rpartition("/")[2]


@register.filter
def pair(version: PromptVersion) -> tuple[int, int]:
    """The version beside the one it came from, for the address of their comparison."""
    return (version.parent.number if version.parent else version.number, version.number)


@register.filter
def traces_of_all(prompt: Prompt) -> str:
    """The query of the traces that used the prompt, whatever its version."""
    return f'prompt:"{_quoted(prompt.name)}"'


@register.filter
def traces_of(standing: Standing, prompt: Prompt) -> str:
    """The query of the traces that used the version that a label serves."""
    return f'span(prompt:"{_quoted(prompt.name)}" prompt.version:{standing.version.number})'


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


@register.filter
def part_title(part: Part) -> str:
    """What a part of a version is called: `System message`, `Tool refund`, `Parameters`."""
    name = part.key.partition("/")[2]
    if part.kind == "message":
        return f"{part.role.capitalize()} message"
    titles = {
        "placeholder": "Placeholder",
        "tool": f"Tool {name}",
        "response_schema": "Response schema",
    }
    return titles.get(part.kind, part.kind.capitalize())


@register.filter
def traces_of_candidate(rollout: Rollout) -> str:
    """The query of the traces that used the version that a rollout brings."""
    name, number = _quoted(rollout.prompt.name), rollout.candidate.number
    return f'span(prompt:"{name}" prompt.version:{number})'


@register.filter
def traces_of_version(prompt: Prompt, version: str) -> str:
    """The query of the traces that used a version."""
    return f'span(prompt:"{_quoted(prompt.name)}" prompt.version:"{_quoted(version)}")'
