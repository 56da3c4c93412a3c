"""Versions are numbered without gaps, never change, and are archived rather than deleted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import Error, connection, transaction

from accounts.models import Project, User
from audit.models import AuditEntry
from prompts.content import BadContent
from prompts.models import Prompt, PromptVersion
from prompts.queries.resolving import get_version
from prompts.rendering import BadReference
from prompts.services.errors import BadName, InUse, NoSuchVersion, OtherType
from prompts.services.moving import set_labels
from prompts.services.versions import archive_prompt, archive_versions
from tests.prompts.making import chat, make_version, text


def test_a_version_keeps_what_it_was_made_of(project: Project, alice: User) -> None:
    content = chat(("system", "Be {{tone}}. {{> rules#staging}}"), model="gpt-4o", config={"a": 1})
    make_version(project, "rules", text("No dates."))
    made = make_version(
        project, "support/agent", content, actor=alice, message="first", tags=["a", "a", " "]
    )
    stored = PromptVersion.objects.get(pk=made.pk)
    assert stored.content("chat") == content
    assert (stored.number, stored.message, stored.author, stored.parent) == (
        1,
        "first",
        alice,
        None,
    )
    assert stored.variables == ["tone"]
    assert stored.references == [{"name": "rules", "version": None, "label": "staging"}]
    assert stored.prompt.tags == ["a"]
    second = make_version(project, "support/agent", content)
    assert (second.number, second.parent) == (2, made)
    entry = AuditEntry.objects.filter(action="prompt_version.created").first()
    assert entry is not None
    assert entry.project_id == project.pk


@pytest.mark.django_db(transaction=True)
def test_two_hundred_at_once_get_two_hundred_numbers(project: Project) -> None:
    def make(index: int) -> int:
        try:
            return make_version(project, "busy", text(f"say {index}")).number
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(make, range(200)))
    assert sorted(numbers) == list(range(1, 201))
    prompt = Prompt.objects.get(name="busy")
    assert prompt.last_number == prompt.versions.count() == 200


def test_the_database_refuses_to_change_a_version(project: Project) -> None:
    made = make_version(project)
    for change in ({"body": "other"}, {"number": 7}, {"message": "why"}, {"config": {"x": 1}}):
        with pytest.raises(Error, match="never changes"), transaction.atomic():
            PromptVersion.objects.filter(pk=made.pk).update(**change)


def test_what_cannot_be_a_version_leaves_nothing(project: Project) -> None:
    make_version(project, "one", text("a"))
    with pytest.raises(OtherType):
        make_version(project, "one", chat())
    with pytest.raises(BadName):
        make_version(project, "runs")
    with pytest.raises(BadContent, match="role"):
        make_version(project, "two", chat(("", "hello")))
    with pytest.raises(NoSuchVersion):
        make_version(project, "one", parent=9)
    assert list(Prompt.objects.values_list("name", "last_number")) == [("one", 1)]


def test_what_the_database_cannot_hold_is_named(project: Project) -> None:
    deep: dict[str, object] = {}
    for _ in range(2_000):
        deep = {"a": deep}
    for content, where in (
        (text("x\0"), "prompt"),
        (text("x", config={"a": ["\0"]}), "config"),
        (text("x", model="m\0"), "model"),
        (text("x", parameters=deep), "parameters"),
        (text("x\ud800"), "prompt"),
    ):
        with pytest.raises(BadContent) as refused:
            make_version(project, content=content)
        assert [fault.where for fault in refused.value.faults] == [where]
    # What merely looks so is text, as are braces around a whole paragraph.
    kept = make_version(project, content=text(r"\u0000 {{a}} {{" + "b" * 300 + "}}"))
    assert (kept.variables, kept.body[:6]) == (["a"], r"\u0000")


def test_a_circle_of_references_is_refused_when_it_would_close(project: Project) -> None:
    make_version(project, "tone", text("kind, {{> rules#latest}}"))  # rules may come later
    with pytest.raises(BadReference, match="into itself"):
        make_version(project, "rules", text("be {{> tone#latest}}"))


def test_a_version_in_use_stays_and_another_is_archived(project: Project, alice: User) -> None:
    for index in range(3):
        made = make_version(project, "agent", text(f"say {index}"))
    prompt = made.prompt
    set_labels(prompt, 2, ["staging"], actor=alice)
    with pytest.raises(InUse, match="the label staging points at it"):
        archive_versions(prompt, [1, 2], actor=alice)
    assert get_version(prompt, number=1) is not None  # all of them or none
    assert archive_versions(prompt, [1, 3], actor=alice) == [1, 3]
    assert archive_versions(prompt, [3], actor=alice) == []
    assert get_version(prompt, number=3) is None
    assert get_version(prompt, label="latest") == get_version(prompt, number=2)
    with pytest.raises(InUse):
        archive_prompt(prompt, actor=alice)
    after = make_version(project, "agent", text("again"))
    assert (after.number, after.parent.number) == (4, 2)  # archived numbers are not given again
