"""Sample data for the style guide; shaped like what the real pages hand to the components."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from django import forms

from kit.diff_samples import comparison

PERSON = SimpleNamespace(
    name="Maya Ruiz", display_name="Maya Ruiz", email="maya@example.com", is_authenticated=True
)
RANGES = [
    ("15m", "Last 15 minutes"),
    ("1h", "Last hour"),
    ("6h", "Last 6 hours"),
    ("24h", "Last 24 hours"),
    ("7d", "Last 7 days"),
    ("30d", "Last 30 days"),
]
_TRACE_US = 8_420_000
# kind, name, short fact, level, folds, start, length and first token in ms, cost in dollars
_SPANS: list[tuple[str, str, str, int, bool, int, int, int, str | None]] = [
    ("agent", "agent.resolve_ticket", "", 1, True, 0, 8420, 0, "0.0381"),
    ("guardrail", "guard.input_scan", "1 email masked", 2, False, 10, 84, 0, None),
    ("chain", "plan_turn", "", 2, True, 130, 1180, 0, None),
    ("generation", "chat", "haiku-4.5", 3, False, 140, 1150, 380, "0.0022"),
    ("retriever", "search_policies", "6 docs", 2, True, 1330, 440, 0, None),
    ("embedding", "embed_query", "", 3, False, 1340, 60, 0, None),
    ("reranker", "rerank", "24 → 6", 3, False, 1610, 150, 0, "0.0010"),
    ("tool", "refunds.create", "Conflict", 2, False, 2150, 460, 0, None),
    ("generation", "compose_reply", "sonnet-4.5", 2, False, 5210, 2420, 610, "0.0229"),
    ("evaluator", "judge.faithfulness", "", 2, False, 7900, 480, 0, "0.0018"),
    ("http", "POST zendesk/reply", "201", 2, False, 7810, 590, 0, None),
]


class SampleForm(forms.Form):
    """One field of each sort, with an error on the second."""

    name = forms.CharField(
        label="Name",
        help_text="Shown in lists and in the audit log.",
        initial="support-agent production",
        widget=forms.TextInput(attrs={"class": "field"}),
    )
    email = forms.EmailField(label="E-mail", widget=forms.EmailInput(attrs={"class": "field"}))
    environment = forms.ChoiceField(
        label="Environment",
        choices=[("production", "production"), ("staging", "staging")],
        widget=forms.Select(attrs={"class": "field"}),
    )
    note = forms.CharField(
        label="Note", required=False, widget=forms.Textarea(attrs={"class": "field", "rows": 2})
    )
    is_default = forms.BooleanField(label="Use for new members", required=False)


def _share(ms: int) -> str:
    return f"{ms * 100_000 / _TRACE_US:.2f}%"


def _rows() -> list[dict[str, Any]]:
    rows = []
    for index, (kind, name, sub, level, folds, start, length, wait, cost) in enumerate(_SPANS):
        is_late = start + length > 7000 and start > 2000
        rows.append(
            {
                "span_id": f"b{index}",
                "kind": kind,
                "name": name,
                "sub": sub,
                "level": level,
                "is_open": True if folds else None,
                "is_selected": name == "compose_reply",
                "is_error": name == "refunds.create",
                "note": {"refunds.create": "409", "judge.faithfulness": "0.62"}.get(name, ""),
                "note_tone": "bad",
                "cost": Decimal(cost) if cost else None,
                "duration": length * 1000,
                "x": _share(start),
                "wait": _share(wait) if wait else "",
                "bar_x": _share(start + wait),
                "width": _share(length - wait),
                "text_x": _share(start) if is_late else _share(start + length),
                "is_text_before": is_late,
                "y": 3 + index * 2.9,
            }
        )
    rows[0]["text_x"], rows[0]["is_text_before"] = "", False
    return rows


def _tables() -> dict[str, Any]:
    return {
        "columns": [
            {"text": "Name"},
            {"text": "Prefix"},
            {"text": "Last used", "sort": "descending"},
            {"text": "Requests", "end": True},
        ],
        "rows": [
            [
                {"text": "production", "href": "#"},
                {"text": "pk-rw-4c1e", "mono": True},
                {"text": "2 m ago"},
                {"text": "198,846"},
            ],
            [
                {"text": "batch jobs", "href": "#"},
                {"text": "pk-rw-90b7", "mono": True},
                {"text": "–"},
                {"text": "0"},
            ],
        ],
        "figures": [
            {"label": "Traces", "value": "4,112", "href": "#", "note": "+11% vs yesterday"},
            {"label": "Errors", "value": "3.7%", "href": "#", "note": "+1.2 points", "tone": "bad"},
            {"label": "p95 duration", "value": "6.10 s", "href": "#", "note": "as of 14:20"},
            {
                "label": "Cost",
                "value": "$84.20",
                "href": "#",
                "note": "2% unpriced",
                "tone": "warn",
            },
        ],
    }


def styleguide() -> dict[str, Any]:
    """The context of the style guide, fresh for each request."""
    now = datetime.now(UTC)
    form = SampleForm({"name": "support-agent production", "email": "maya", "note": "Rotated."})
    form.is_valid()
    project = SimpleNamespace(slug="support-assistant", name="support-assistant")
    return {
        "project": project,
        "projects": [project, SimpleNamespace(slug="claims-assistant", name="claims-assistant")],
        "role": "engineer",
        "title": "Style guide",
        "crumbs": [{"text": "Components", "href": "#"}],
        "kinds": [
            "agent",
            "generation",
            "tool",
            "retriever",
            "reranker",
            "embedding",
            "guardrail",
            "evaluator",
            "cache",
            "chain",
            "http",
            "event",
            "span",
        ],
        "states": ["ok", "recovered", "error", "running", "partial"],
        "tones": ["ok", "warn", "bad", "info", "accent", "line"],
        "tabs": [
            {"text": "Messages", "href": "?tab=messages", "current": True},
            {"text": "Documents", "href": "?tab=documents", "count": 6},
            {"text": "Cost", "href": "?tab=cost"},
            {"text": "JSON", "href": "?tab=json"},
        ],
        **_tables(),
        **comparison(),
        "range_choices": RANGES,
        "spans": _rows(),
        "line": [12, 14, 13, 17, 16, None, 21, 20, 24, 22, 27],
        "arguments": {"order_id": "88412", "amount": 89.0, "reason": "duplicate_charge"},
        "attributes": {"gen_ai.request.model": "sonnet-4.5", "retry": 1, "tags": ["refund", "vip"]},
        "form": form,
        "menu": [
            {"text": "Rename", "icon": "pen", "href": "#"},
            {"text": "Copy link", "icon": "link", "href": "#"},
            {"text": "Revoke", "icon": "trash", "name": "act", "value": "revoke", "tone": "bad"},
        ],
        "moments": [now - timedelta(minutes=12), now - timedelta(days=3)],
        "lengths": [0, 84_000, 2_420_000, 192_000_000, None],
        "amounts": [Decimal("0.0381"), Decimal("6.84"), Decimal(18_412), Decimal(0)],
        "chips": [
            {"text": "latency above 3 s", "href": "?"},
            {"text": "tag is not load-test", "href": "?"},
        ],
        "first": [
            {"text": "Read the setup", "href": "#", "tone": "primary"},
            {"text": "Load demo data", "href": "#"},
        ],
        "widen": [{"text": "Clear", "href": "?"}, {"text": "Widen to 7 days", "href": "?t=7d"}],
    }
