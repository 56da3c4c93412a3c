"""What the command palette finds of traces: pages, ids, users, and what a paste may mean."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote, urlencode

from django.urls import reverse
from django.utils import timezone

from accounts.access import Door
from accounts.models import User
from kit.palette import Entry
from traces.queries.named import LONGEST_ID, traces_named, values_named
from traces.queries.saved_views import views_for
from traces.query.values import quoted

_PAGES = (
    ("Overview", "traces:overview", "home", "home start"),
    ("Traces", "traces:trace_list", "trace", "list requests"),
    ("Sessions", "traces:session_list", "chat", "conversations"),
    ("Users", "traces:user_list", "users", "people"),
    ("Exports and jobs", "traces:job_list", "out", "download"),
)
_TRACE_ADDRESS = re.compile(r"/(?:traces?|t)/([^/?#\s]+)")
_MOMENT = re.compile(
    r"(?:(\d{4}-\d\d-\d\d)[T ]?)?\b(\d{1,2}:\d\d(?::\d\d)?(?:\.\d+)?)\s?(Z|[+-]\d\d:?\d\d)?"
)
_AROUND = timedelta(minutes=10)
_SEARCHED = "30d"
_LEAST = 3  # characters of an id
_LONGEST_PHRASE = 300


def entries(person: User, door: Door | None, text: str) -> Iterator[Entry]:
    """Pages; with something typed also views, ids that begin so, and searches for it."""
    if door is None:
        if _is_id(text):
            yield Entry(f"Trace {text}", "any project", _anywhere(text), icon="trace", found=True)
        return
    slug = door.project.slug
    yield from _typed(door, text.strip())
    for word, name, icon, words in _PAGES:
        yield Entry(word, "page", reverse(name, args=[slug]), icon=icon, words=words)
    yield Entry("Live tail", "action", act="tail", icon="play", words="follow on off")
    yield Entry("Save as a new view", "action", act="save-view", icon="plus")
    for view in views_for(door.project.pk, person):
        href = f"{_list(door)}?{view.query}&view={view.pk}"
        yield Entry(view.name, "view", href, icon="mark", words="saved view")


def _typed(door: Door, text: str) -> Iterator[Entry]:
    if address := _TRACE_ADDRESS.search(text):
        text = unquote(address[1])
    if len(text) >= _LEAST and _is_id(text):
        yield from _ids(door, text)
    if seen := _user_and_time(door, text):
        yield seen
    if len(text) >= _LEAST:
        yield from _searches(door, text)


def _ids(door: Door, text: str) -> Iterator[Entry]:
    project, slug = door.project.pk, door.project.slug
    known = traces_named(project, text)
    for trace_id, name, start in known:
        href = reverse("traces:trace_detail", args=[slug, trace_id])
        said = f"{name} {start:%d %b %H:%M} UTC, {trace_id}"
        yield Entry(said, "trace", href, icon="trace", found=True)
    for session in values_named(project, "session_id", text):
        href = reverse("traces:session", args=[slug, session])
        yield Entry(session, "session", href, icon="chat", found=True)
    for user in values_named(project, "user_id", text):
        href = f"{_list(door)}?{urlencode({'q': f'user:{quoted(user)}', 't': _SEARCHED})}"
        yield Entry(user, "user", href, icon="user", found=True)
    if not known and len(text) >= 16:
        yield Entry(f"Trace {text}", "any project", _anywhere(text), icon="trace", found=True)


def _searches(door: Door, text: str) -> Iterator[Entry]:
    """By the provider's response id where it may be one; else by what was said."""
    if _is_id(text) and len(text) >= 8:
        query = {"q": f"id:{quoted(text)}", "t": _SEARCHED}
        said = f"Span or response with the id {_short(text)}"
        yield Entry(said, "search", f"{_list(door)}?{urlencode(query)}", icon="search", found=True)
    phrase = " ".join(text.split())[:_LONGEST_PHRASE].rsplit(" ", 1 if len(text) > 300 else 0)[0]
    query = {"q": f'"{phrase.replace(chr(92), " ").replace(chr(34), " ")}"', "t": _SEARCHED}
    said = f"Inputs and outputs that say “{_short(phrase)}”"
    yield Entry(said, "search", f"{_list(door)}?{urlencode(query)}", icon="search", found=True)


def _user_and_time(door: Door, text: str) -> Entry | None:
    """`u_48213 14:02`, `2026-11-20 14:02 u_48213`: what that user did around then."""
    match = _MOMENT.search(text)
    rest = (text[: match.start()] + text[match.end() :]).strip(" ,;") if match else ""
    if match is None or not _is_id(rest):
        return None
    now = timezone.now()
    zone = (match[3] or "+00:00").replace("Z", "+00:00")
    hour = match[2] if match[2][1] != ":" else f"0{match[2]}"
    try:
        at = datetime.fromisoformat(f"{match[1] or f'{now:%Y-%m-%d}'}T{hour}{zone}")
    except ValueError:
        return None
    if match[1] is None and at > now:  # a bare time of the clock is the last one
        at -= timedelta(days=1)
    span = "..".join((at + side).astimezone(UTC).isoformat() for side in (-_AROUND, _AROUND))
    query = {"q": f"user:{quoted(rest)}", "t": span}
    said = f"Traces of {_short(rest)} around {at.astimezone(UTC):%d %b %H:%M} UTC"
    return Entry(said, "search", f"{_list(door)}?{urlencode(query)}", icon="clock", found=True)


def _is_id(text: str) -> bool:
    return 0 < len(text) <= LONGEST_ID and text.isprintable() and not any(map(str.isspace, text))


def _list(door: Door) -> str:
    return reverse("traces:trace_list", args=[door.project.slug])


def _anywhere(trace_id: str) -> str:
    return reverse("traces_open:any_trace", args=[trace_id])


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}…"
