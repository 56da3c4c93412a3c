"""An incident's step in the words and shapes of the channels: JSON without any secret."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from alerts.models import ChannelKind, Incident, IncidentStep, Origin, Severity, State, StepKind
from alerts.values import ANNOUNCING
from kit.figures import instant

# https://developer.pagerduty.com/docs/events-api-v2-overview, read 2026-11-30: severities are
# critical, error, warning, info; a summary has at most 1,024 characters.
_PAGERDUTY_SEVERITY = {Severity.PAGE: "critical", Severity.TICKET: "warning", Severity.INFO: "info"}
_PAGERDUTY_ACTION = {
    StepKind.ACKNOWLEDGED: "acknowledge",
    StepKind.SNOOZED: "acknowledge",
    StepKind.RESOLVED: "resolve",
}


def message_for(
    kind: str, incident: Incident, step: IncidentStep, *, with_content: bool
) -> dict[str, Any]:
    """What `step` says on a channel of `kind`; excerpts of traces only `with_content`."""
    facts = document(incident, step, with_content=with_content)
    match kind:
        case ChannelKind.EMAIL:
            return _mail(incident, step, facts)
        case ChannelKind.SLACK:
            return _slack(incident, step, facts)
        case ChannelKind.PAGERDUTY:
            return _pagerduty(incident, step, facts)
    return {"type": f"incident.{step.kind}", **facts}


def message_for_test(kind: str, project: Any, channel_pk: int, uid: str) -> dict[str, Any]:
    """What the test button sends: to PagerDuty one of severity info."""
    said = f"A test from Roadworthy, project {project.name}."
    link = f"{settings.PUBLIC_URL}/p/{project.slug}/settings/alerts/{channel_pk}/"
    match kind:
        case ChannelKind.EMAIL:
            return {"subject": f"[{project.name}] A test of alerts", "text": f"{said}\n\n{link}\n"}
        case ChannelKind.SLACK:
            return {"text": f"{_escaped(said)} <{link}|Its channel>"}
        case ChannelKind.PAGERDUTY:
            return {
                "event_action": "trigger",
                "dedup_key": f"roadworthy-{uid}",
                "payload": {"summary": said, "source": project.slug, "severity": "info"},
                "links": [{"href": link, "text": "Roadworthy"}],
            }
    return {"type": "incident.test", "project": project.slug, "text": said, "url": link}


def document(incident: Incident, step: IncidentStep, *, with_content: bool) -> dict[str, Any]:
    """The incident and the step for programs."""
    found: dict[str, Any] = {
        "project": incident.project.slug,
        "incident": incident.pk,
        "cause": incident.cause,
        "feature": incident.feature,
        "sentence": incident.sentence,
        "severity": incident.severity,
        "state": incident.state,
        "origin": incident.origin,
        "owner": incident.owner.email if incident.owner else None,
        "opened_at": instant(incident.opened_at),
        "step": {
            "number": step.number,
            "kind": step.kind,
            "at": instant(step.at),
            "by": step.by_label,
            "text": step.text,
        },
        "facts": incident.evidence.get("facts", []),
        "runbook_url": incident.runbook_url,
        "url": settings.PUBLIC_URL + incident.page_path,
    }
    if with_content:
        found["excerpts"] = incident.evidence.get("excerpts", [])
    return found


def headline(incident: Incident, step: IncidentStep) -> str:
    """`Page: Faithfulness fell …`, or what was done to it and by whom."""
    severity = Severity(incident.severity).label
    if step.kind == StepKind.OPENED:
        return f"{severity}: {incident.sentence}"
    what = StepKind(step.kind).label
    who = f" by {step.by_label}" if step.by is not None else ""
    return f"{what[:1].upper()}{what[1:]}{who}: {incident.sentence}"


def _lines(incident: Incident, facts: dict[str, Any]) -> list[tuple[str, str]]:
    found = []
    if incident.feature:
        found.append(("Feature", incident.feature))
    found.append(("Whose change", Origin(incident.origin).label))
    found.append(("Owner", incident.owner.display_name if incident.owner else "nobody"))
    found += [(one["text"], one["value"]) for one in facts["facts"]]
    return found


def _mail(incident: Incident, step: IncidentStep, facts: dict[str, Any]) -> dict[str, Any]:
    context = {
        "headline": headline(incident, step),
        "step": step,
        "lines": _lines(incident, facts),
        "facts": facts,
        "state": State(incident.state).label,
    }
    subject = f"[{incident.project.name}] {headline(incident, step)}"
    return {
        "subject": " ".join(subject.split())[:250],
        "text": render_to_string("alerts/mail/step.txt", context),
    }


def _slack(incident: Incident, step: IncidentStep, facts: dict[str, Any]) -> dict[str, Any]:
    """https://docs.slack.dev/messaging/formatting-message-text, read 2026-11-30."""
    said = [f"*<{facts['url']}|{_escaped(headline(incident, step))}>*"]
    if step.text:
        said.append(_escaped(step.text))
    if step.kind in (*ANNOUNCING, StepKind.ESCALATED):
        said += [f"{_escaped(name)}: {_escaped(value)}" for name, value in _lines(incident, facts)]
        said += [f"> {_escaped(one)}" for one in facts.get("excerpts", [])]
        if incident.runbook_url:
            said.append(f"<{_escaped(incident.runbook_url)}|Runbook>")
    return {"text": "\n".join(said)[:3900], "unfurl_links": False}


def _pagerduty(incident: Incident, step: IncidentStep, facts: dict[str, Any]) -> dict[str, Any]:
    event: dict[str, Any] = {
        "event_action": _PAGERDUTY_ACTION.get(StepKind(step.kind), "trigger"),
        "dedup_key": f"roadworthy-{incident.project.slug}-{incident.pk}"[:255],
    }
    if event["event_action"] == "trigger":
        links = [{"href": facts["url"], "text": "Incident in Roadworthy"}]
        if incident.runbook_url:
            links.append({"href": incident.runbook_url, "text": "Runbook"})
        event |= {
            "payload": {
                "summary": incident.sentence[:1024],
                "source": incident.feature or incident.project.slug,
                "severity": _PAGERDUTY_SEVERITY[Severity(incident.severity)],
                "timestamp": facts["opened_at"],
                "class": incident.cause,
                "custom_details": {
                    **dict(_lines(incident, facts)),
                    **({"Excerpts": facts["excerpts"]} if facts.get("excerpts") else {}),
                },
            },
            "links": links,
            "client": "Roadworthy",
            "client_url": facts["url"],
        }
    return event


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
