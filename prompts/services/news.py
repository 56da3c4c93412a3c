"""What is told of prompts, reviews and rollouts: to webhooks, and to the persons it concerns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from accounts.models import User
from accounts.queries import list_members
from accounts.services.trail import Actor
from notices.services import tell
from prompts.addresses import prompt_path, review_path
from prompts.models import ChangeRequest, Check, LabelMove, Prompt, PromptVersion, Rollout
from prompts.services.locking import label_of

_MENTION = re.compile(r"(?<![\w@])@([\w.+-]+(?:@[\w.-]+\w)?)")


def tell_of_version(version: PromptVersion, *, actor: Actor) -> None:
    """A version was made."""
    prompt = version.prompt
    data = {**_prompt(version), "version": version.number, "message": version.message}
    title = f"{prompt.name} has a new version, v{version.number}"
    _send(
        prompt,
        "prompt.version_created",
        actor,
        data,
        title,
        prompt_path(prompt.project, prompt.name),
        (),
    )


def tell_of_move(move: LabelMove, *, actor: Actor) -> None:
    """A label moved."""
    prompt = move.prompt
    before = move.from_version.number if move.from_version else None
    after = move.to_version.number if move.to_version else None
    data = {
        **_prompt(move),
        "label": move.label,
        "from": before,
        "to": after,
        "cause": move.cause,
        "review": move.request.number if move.request else None,
        "reason": move.reason,
    }
    where = f"is on v{after}" if after is not None else "was taken away"
    title = f"{move.label} of {prompt.name} {where}"
    _send(
        prompt,
        "prompt.label_moved",
        actor,
        data,
        title,
        prompt_path(prompt.project, prompt.name),
        _owner(prompt),
    )


def tell_of_rollback(move: LabelMove, *, actor: Actor) -> None:
    """A label, or a rollout of it, was rolled back."""
    prompt = move.prompt
    to = move.to_version.number if move.to_version else None
    data = {
        **_prompt(move),
        "label": move.label,
        "from": move.from_version.number if move.from_version else None,
        "to": to,
        "review": move.request.number if move.request else None,
        "reason": move.reason,
    }
    title = f"{move.label} of {prompt.name} was rolled back to v{to}"
    persons = _concerned(prompt, move.request)
    _send(prompt, "prompt.rolled_back", actor, data, title, _page(prompt, move.request), persons)


_WORDS = {
    "review.opened": "{who} opened review #{n}: {title}",
    "review.asked": "{who} asks you to review #{n}: {title}",
    "review.version_changed": "Review #{n} proposes v{version} now: {title}",
    "review.approved": "{who} approved v{version} in review #{n}: {title}",
    "review.changes_requested": "{who} requested changes in review #{n}: {title}",
    "review.commented": "{who} commented on review #{n}: {title}",
    "review.mentioned": "{who} mentioned you in review #{n}: {title}",
    "review.check_done": "{check} in review #{n}: {title}",
    "review.overridden": "{who} let v{version} pass without a green check in review #{n}: {title}",
    "review.closed": "{who} closed review #{n}: {title}",
}


def tell_of_request(
    event: str,
    request: ChangeRequest,
    *,
    actor: Actor,
    to: Iterable[int] = (),
    note: str = "",
    check: Check | None = None,
) -> None:
    """Something happened in a change request. `to` are the persons asked, `note` mentions some."""
    data: dict[str, Any] = {
        **_prompt(request),
        "review": request.number,
        "title": request.title,
        "label": request.label,
        "from": request.from_version.number if request.from_version else None,
        "to": request.version.number,
        "status": request.status,
    }
    said = ""
    if check is not None:
        data["check"] = {"name": check.name, "state": check.state, "summary": check.summary}
        said = f"{check.name} {check.get_state_display().lower()}"
    words = {
        "who": label_of(actor),
        "n": request.number,
        "title": request.title,
        "version": request.version.number,
        "check": said,
    }
    link = review_path(request.project, request.number)
    if event == "review.asked":
        persons: set[int] = set(to)
    elif event == "review.opened":
        persons = set()  # whoever is asked is told so
    else:
        persons = _participants(request)
    mentioned = _mentioned(request, note)
    title = _WORDS[event].format(**words)
    _send(request.prompt, event, actor, data, title, link, persons - mentioned)
    if mentioned:
        title = _WORDS["review.mentioned"].format(**words)
        _send(request.prompt, "review.mentioned", actor, data, title, link, mentioned)


def tell_of_rollout(event: str, rollout: Rollout, *, actor: Actor) -> None:
    """A rollout began, changed its share, halted, went on or ended."""
    share = f"{rollout.share / 100:g} %"
    data = _rollout(rollout)
    said = {
        "rollout.started": f"is rolling out at {share}",
        "rollout.share_changed": f"has {share} of the traffic",
        "rollout.halted": "was halted",
        "rollout.resumed": f"goes on at {share}",
        "rollout.completed": "serves all traffic",
    }[event]
    title = f"v{rollout.candidate.number} of {rollout.prompt.name} {said} ({rollout.label})"
    _send_of_rollout(rollout, event, actor, data, title)


def tell_of_verdict(rollout: Rollout, verdict: dict[str, Any]) -> None:
    """An A/B test has said its one thing."""
    data = _rollout(rollout) | {
        "verdict": {key: verdict[key] for key in ("state", "effect", "low", "high", "why")}
    }
    name, number = rollout.prompt.name, rollout.candidate.number
    title = f"The test of v{number} of {name}: {verdict['state']}"
    _send_of_rollout(rollout, "rollout.verdict", None, data, title)


def _rollout(rollout: Rollout) -> dict[str, Any]:
    request = rollout.request
    return {
        **_prompt(rollout),
        "label": rollout.label,
        "from": rollout.base.number,
        "to": rollout.candidate.number,
        "share": rollout.share / 100,
        "status": rollout.status,
        "review": request.number if request else None,
        "reason": rollout.ended_why,
    }


def _send_of_rollout(
    rollout: Rollout, event: str, actor: Actor, data: dict[str, Any], title: str
) -> None:
    prompt, request = rollout.prompt, rollout.request
    persons = _concerned(prompt, request)
    if rollout.started_by_id is not None:
        persons.add(rollout.started_by_id)
    _send(prompt, event, actor, data, title, _page(prompt, request), persons)


def _page(prompt: Prompt, request: ChangeRequest | None) -> str:
    if request is not None:
        return review_path(prompt.project, request.number)
    return prompt_path(prompt.project, prompt.name)


def _concerned(prompt: Prompt, request: ChangeRequest | None) -> set[int]:
    return _owner(prompt) | (_participants(request) if request is not None else set())


def _send(
    prompt: Prompt,
    event: str,
    actor: Actor,
    data: dict[str, Any],
    title: str,
    link: str,
    persons: Iterable[int],
) -> None:
    """Hand it on, within the transaction of what happened. Who acted is not told of it."""
    tell(
        prompt.project,
        event,
        data={**data, "by": label_of(actor), "url": link},
        title=title,
        link=link,
        persons=User.objects.filter(pk__in=set(persons)),
        actor=actor,
    )


def _prompt(of: Any) -> dict[str, Any]:
    return {"prompt": of.prompt.name}


def _owner(prompt: Prompt) -> set[int]:
    return {prompt.owner_id} if prompt.owner_id is not None else set()


def _participants(request: ChangeRequest) -> set[int]:
    """Its author, whoever was asked, and whoever said something."""
    found = set(request.asked.values_list("user_id", flat=True))
    found |= set(request.reviews.values_list("author_id", flat=True))
    said = request.threads.values_list("comments__author_id", flat=True)
    return found | {pk for pk in (*said, request.author_id) if pk is not None}


def _mentioned(request: ChangeRequest, note: str) -> set[int]:
    """Members named by `@address`, `@the.part.before.it` or `@NameWithoutSpaces`."""
    wanted = {name.lower() for name in _MENTION.findall(note)}
    if not wanted:
        return set()
    found = set()
    for member in list_members(request.project):
        user = member.user
        names = {
            user.email.lower(),
            user.email.lower().split("@")[0],
            user.display_name.lower().replace(" ", ""),
        }
        if user.is_active and wanted & names:
            found.add(user.pk)
    return found
