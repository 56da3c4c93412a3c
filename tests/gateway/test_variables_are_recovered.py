"""From what was sent back to the variables: exact where it fits, nothing where it does not."""

from __future__ import annotations

import pytest

from gateway.client import read_messages
from gateway.panel.recovered import laid_over, recovered
from prompts.content import Content


@pytest.mark.parametrize(
    ("template", "text", "values"),
    [
        ("Hello {{name}}.", "Hello Ann.", {"name": "Ann"}),
        ("{{ a }}: {{b}}", "x: y: z", {"a": "x", "b": "y: z"}),
        ("{{a}} and {{a}}", "x and x", {"a": "x"}),
        ("{{a}} and {{a}}", "x and y", None),
        ("{{a}}{{b}}", "xy", None),
        ("No variable", "No variable", {}),
        ("No variable", "Another text", None),
        ("Hello {{name}}.", "Hello Ann", None),
        ("Hello {{name}}.", "Hello .", {"name": ""}),
        ("ab{{x}}ba", "aba", None),
        ("Docs:\n{{docs}}\nAsk: {{q}}", "Docs:\na\nb\nAsk: why?", {"docs": "a\nb", "q": "why?"}),
    ],
)
def test_a_text_is_laid_over_another(template: str, text: str, values: dict[str, str] | None):
    assert laid_over(template, text) == values


def test_a_conversation_gives_its_variables_and_what_is_not_the_prompts():
    prompt = [
        {"role": "system", "content": "You help {{company}}."},
        {"type": "placeholder", "name": "history"},
        {"role": "user", "content": "Question: {{question}}"},
    ]
    sent = read_messages(
        [
            {"role": "system", "content": "You help Northwind."},
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": "Hello"},
            {"role": "user", "content": "Question: Where is it?"},
        ]
    )
    told = recovered(Content("chat", prompt), sent)
    assert told is not None
    assert told.variables == {"company": "Northwind", "question": "Where is it?"}
    assert [message.text for message in told.rest] == ["Hi", "Hello"]
    other = recovered(Content("chat", [{"role": "user", "content": "Else {{x}}"}]), sent)
    assert other is None
    text = recovered(Content("text", "You help {{company}}."), sent)
    assert text is not None
    assert (text.variables, len(text.rest)) == ({"company": "Northwind"}, 3)
