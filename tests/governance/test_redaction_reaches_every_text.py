"""Every text of a record passes the rules, keys and nested values too; ids stay as sent."""

from __future__ import annotations

from governance.redaction import add_rule, redact
from traces.ingest.record import SpanRecord


def record() -> SpanRecord:
    return SpanRecord(
        trace_id="secret-trace",
        span_id="secret-span",
        name="about secret",
        user_id="secret",
        tags=["secret", "open"],
        metadata={"secret": [{"deep": "a secret"}]},
        attributes={"secret.key": "secret", "count": 3, "list": ["secret", 1]},
        events=[{"name": "secret", "attributes": {"text": "secret"}}],
        input=[{"role": "user", "parts": [{"type": "text", "content": "secret"}]}],
    )


def test_without_rules_nothing_changes():
    one, other = record(), record()
    redact([one])
    assert one == other


def test_a_rule_sees_every_text():
    span = record()
    remove = add_rule(lambda text: text.replace("secret", "[kept]"))
    try:
        redact([span])
    finally:
        remove()
    assert (span.trace_id, span.span_id) == ("secret-trace", "secret-span")
    span.trace_id = span.span_id = ""
    assert "secret" not in repr(span)
    assert span.attributes["count"] == 3
    again = record()
    redact([again])
    assert again == record()
