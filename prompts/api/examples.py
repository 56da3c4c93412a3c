"""Examples in the OpenAPI document."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample

_CONTENT = {
    "type": "chat",
    "prompt": [
        {"role": "system", "content": "You are the refunds specialist.\n{{> support/tone}}"},
        {"type": "placeholder", "name": "history"},
        {"role": "user", "content": "{{question}}"},
    ],
    "model": "gpt-4o-mini",
    "parameters": {"temperature": 0.2},
    "message": "Answer in fewer words",
}
NEW_PROMPT = OpenApiExample(
    "A chat prompt in a folder",
    value={"name": "support/refund-agent", **_CONTENT, "labels": ["staging"], "tags": ["support"]},
    request_only=True,
)
NEW_VERSION = OpenApiExample("Its next version", value=_CONTENT, request_only=True)
PROPOSAL = OpenApiExample(
    "Move production to version 15",
    value={
        "prompt": "support/refund-agent",
        "label": "production",
        "version": 15,
        "title": "Answer in fewer words",
        "reviewers": ["maya@example.com"],
    },
    request_only=True,
)
VERDICT = OpenApiExample(
    "An approval of what was looked at",
    value={"verdict": "approve", "version": 15, "revision": 3, "note": "Reads well."},
    request_only=True,
)
CHECK = OpenApiExample(
    "A gate that passed",
    value={
        "name": "golden set",
        "state": "pass",
        "version": 15,
        "summary": "212 of 220 answers are good, 3 more than before.",
        "url": "https://ci.example.com/runs/4711",
        "rows": [
            {
                "name": "Correct",
                "old": "95.0 %",
                "new": "96.4 %",
                "change": "+1.4 (−0.4 to +3.2)",
                "bar": "95 %",
                "result": "pass",
            }
        ],
    },
    request_only=True,
)
COMMENT = OpenApiExample(
    "A suggestion for a line",
    value={
        "place": {"part": "message/0", "line": 2, "side": "new"},
        "body": "Say it shorter.",
        "suggestion": "Answer in at most {{words}} words.",
    },
    request_only=True,
)
ROLLOUT = OpenApiExample(
    "Ten percent, a quarter after an hour, then all",
    value={
        "stages": [
            {"share": 10, "soak_minutes": 60},
            {"share": 25, "soak_minutes": 60},
            {"share": 100, "soak_minutes": 1},
        ],
        "guards": [{"metric": "errors", "margin": 0.01}],
    },
    request_only=True,
)
ENVIRONMENT = OpenApiExample(
    "Two approvals and a gate",
    value={"protected": True, "approvals": 2, "required_checks": ["golden set"]},
    request_only=True,
)
