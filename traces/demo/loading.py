"""Brings the demo into its project: key, requests, an entry in the audit chain."""

from __future__ import annotations

import time
from collections.abc import Callable

from accounts.models import ApiKey
from accounts.services import keys, projects
from audit import services as audit
from traces.demo.feedback import define
from traces.demo.scenarios import SUPPORT_AGENT, Chosen
from traces.demo.sender import Sender, Tally, Undelivered
from traces.signals import demo_begun, demo_loaded

Said = Callable[[Tally], None]


def send(chosen: Chosen, sender: Sender, *, progress: Said | None = None) -> Tally:
    """Send all of `chosen`, one request at a time. Raises: Undelivered.

    Sent again, nothing changes but what has happened since, so an interrupted load is simply begun
    anew: every span has an id of its own.
    """
    for post in chosen.posts(time.time_ns()):
        sender.send(post)
        if progress is not None:
            progress(sender.tally)
    return sender.tally


def load_demo(
    url: str,
    choose: Callable[[projects.Demo], Chosen],
    *,
    progress: Said | None = None,
) -> Tally:
    """Load the demo project, made where it is missing, with a key that ends with the load.

    `choose` gets the project, because the story hangs on the day on which it was made.
    Raises: Undelivered, DomainError.
    """
    demo = projects.make_demo_project()
    sender = Sender(url, demo.pair.secret)
    chosen = choose(demo)
    story = {"project": demo.project, "anchor": chosen.anchor, "seed": chosen.seed}
    try:
        if chosen.scenario == SUPPORT_AGENT:
            demo_begun.send(Chosen, **story)
            define(demo.project)
        tally = send(chosen, sender, progress=progress)
    except Undelivered:
        demo.project.refresh_from_db()
        if demo.project.deleted_at is None:
            raise
        return sender.tally  # a person removed the demo meanwhile, and means it
    finally:
        sender.close()
        keys.revoke_key(ApiKey.objects.get(public_key=demo.pair.public), actor=None)
    if chosen.scenario == SUPPORT_AGENT:
        demo_loaded.send(Chosen, **story)
    audit.record(
        "demo.loaded",
        organization=demo.project.organization,
        project=demo.project,
        subject=demo.project,
        scenario=chosen.scenario,
        seed=chosen.seed,
        days=chosen.days,
        spans=tally.spans,
    )
    return tally
