"""What files hold comes back as it was, and what they cannot hold is said with file and line."""

from __future__ import annotations

import re
import time

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from prompts.content import Content
from prompts.files import (
    BadFile,
    PromptFile,
    Unwritable,
    VersionFile,
    dump_prompt,
    dump_version,
    folder_of,
    load_prompt,
    load_version,
    name_of,
    reading,
)

WHERE = "support/refund/v3.yaml"
VERSION = VersionFile(
    number=3,
    parent=2,
    message="Explain the policy: briefly",
    author="Priya Nair",
    created_at="2026-11-18T09:30:00Z",
    tags=("support", "yes"),
    content=Content(
        "chat",
        [
            {"role": "system", "content": "You are kind.\n\n  - {{rules}} \n---\n# no comment\t\n"},
            {"type": "placeholder", "name": "history"},
            {"role": "user", "content": "{{question}}"},
        ],
        tools=[{"type": "function", "function": {"name": "pay", "parameters": {}}}],
        model="gpt-5.2",
        parameters={"temperature": 0.2, "stop": ["\n"], "seed": 7},
        config={"on": None, "version": "1.10", "nested": {"b": [[1, "2"], []], "a": True}},
    ),
)
WRITTEN = """\
version: 3
message: "Explain the policy: briefly"
parent: 2
author: Priya Nair
created: "2026-11-18T09:30:00Z"
tags:
  - support
  - "yes"
prompt:
  - role: system
    content: |
      You are kind.

        - {{rules}}\x20
      ---
      # no comment\t
  - type: placeholder
    name: history
  - role: user
    content: "{{question}}"
model: gpt-5.2
parameters:
  seed: 7
  stop:
    - "\\n"
  temperature: 0.2
tools:
  - function:
      name: pay
      parameters: {}
    type: function
config:
  nested:
    a: true
    b:
      - - 1
        - "2"
      - []
  "on": null
  version: "1.10"
"""


def test_a_version_is_a_file_that_a_person_can_edit():
    assert dump_version(VERSION) == WRITTEN
    assert load_version(WRITTEN, WHERE) == VERSION
    assert load_version(WRITTEN.replace("\n", "\r\n"), WHERE) == VERSION  # a checkout of Windows
    prompt = PromptFile("support/refund", "chat", "Pays back.\nNever more.", ("a b",), {"p": 3})
    assert dump_prompt(prompt) == (
        "name: support/refund\ntype: chat\ndescription: |-\n  Pays back.\n  Never more.\n"
        "tags:\n  - a b\nlabels:\n  p: 3\n"
    )
    assert load_prompt(dump_prompt(prompt), "prompt.yaml") == prompt


ODD = st.sampled_from(
    [
        *["---", "...", "yes", "null", "~", "1.0", "0x1f", "1e3", "007", "-a", "#", "|", ">", "&a"],
        *["*a", "!a", "%a", "@a", "`a", "'", '"', "\\", "{a}", "[a]", "<<", "=", "x", "a,b", "a]"],
        *["", " ", "\t", "- a", "a: b", "a #b", "? a", "a ", " a", "x" * 1200],
        *["\n", "\n\n", " \n", "a\n\n\n", "a\n ", "\na", "\ta\nb", "a\r\nb", "a\rb", "\x07\n"],
        *["\x85", "\u2028a", "\ufeff", "a\ufeffb\n", "é\n\u00a0", "👩\u200d👧\n", "\U0010ffff"],
    ]
)
LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
TEXTS = st.one_of(ODD, st.text(LETTERS, max_size=20), st.lists(ODD, max_size=4).map("".join))
NUMBERS = st.one_of(
    st.integers(-(2**63), 2**64 - 1), st.floats(allow_nan=False, allow_infinity=False)
)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=10,
)


def same(one: object, other: object) -> bool:
    """Equal, and 1 is not 1.0 is not true."""
    return repr(one) == repr(other)


@given(TEXTS, JSON, TEXTS)
@settings(max_examples=100)
def test_any_content_comes_back_as_it_was(text, value, message):
    version = VersionFile(1, Content("text", text, config={"key": value}), message=message)
    written = dump_version(version)
    read = load_version(written, WHERE)
    assert same(read.content.prompt, text)
    assert same(read.message, message)
    assert read.content.config == {"key": value}
    assert same(dump_version(read), written)
    # Another reader of YAML, of version 1.1, takes it for the same.
    if max(map(len, re.findall(r"\w+", written))) < 400:
        elsewhere = yaml.safe_load(written)
        assert elsewhere["prompt"] == text
        assert elsewhere["config"] == {"key": value}


def test_what_stands_deep_comes_back_too():
    deep = ["x" * 1200, {"y" * 1200: [], "a": {}}]
    for _ in range(40):
        deep = [{"a\n": deep, "b": 1.5}]
    version = VersionFile(1, Content("text", "x", config={"deep": deep}))
    assert load_version(dump_version(version), WHERE) == version
    assert yaml.safe_load(dump_version(version))["config"]["deep"] == deep
    with pytest.raises(Unwritable, match="at most 8,000,000 bytes"):
        dump_version(VersionFile(1, Content("text", "x", config={"a": "x" * 8_000_000})))


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
def test_what_cannot_be_stored_is_refused_both_ways(text):
    with pytest.raises(Unwritable):
        dump_version(VersionFile(1, Content("text", text)))
    with pytest.raises(BadFile, match=r"^f:2: "):
        load_version('version: 1\nprompt: "a\\0b"\n', "f")


REFUSED = [
    ("", r"f:1: The file is empty"),
    ("- a", r"f:1: A file is keys with their values"),
    ("version: 1\nprompt: a\n---\nb: 1", r"f:3: A file holds one document"),
    ("version: 1\nprompt: a: b", r"f:2: This is not YAML"),
    ("version: 1\nprompt: &a x\nmodel: *a", r"f:2: Anchors and aliases"),
    ("version: 1\nprompt: !!python/object x", r"f:2: Tags"),
    ("version: 1\nprompt: a\nprompt: b", r"f:3: prompt stands here twice"),
    ("version: 1\nprompt: a\nmodell: b", r"f:3: modell: expected one of version, message, parent"),
    ("prompt: a", r"f:1: version is missing: expected a number"),
    ("version: 0\nprompt: a", r"f:1: version: expected a number from 1 on"),
    ("version: true\nprompt: a", r"f:1: version: expected a number"),
    ("version: 1\nprompt: 3", r"f:2: prompt: expected a text, or .* messages, not 3; a text that"),
    ("version: 1\nprompt:\n", r"f:2: prompt: expected .* nothing stands here"),
    ("version: 1\nprompt: a\ntags: [1]", r"f:3: tags: expected a text, not 1"),
    ("version: 1\nprompt:\n- role: user\n  text: b", r"f:4: text: expected role or content"),
    ("version: 1\nprompt:\n- role: user", r"f:3: prompt\[0\]\.content: The content of a message"),
    ("version: 1\nprompt: a\nconfig:\n  a: .nan", r"f:4: \.nan is no number"),
    ("version: 1\nprompt: a\nconfig:\n  a: 1e999", r"f:4: 1e999 is too large"),
    ("version: 1\nprompt: a\nconfig: {? [a] : 1}", r"f:3: A key is a text"),
    ("version: 1\nprompt: a\nconfig: " + "[" * 300 + "]" * 300, r"f:3: Values stand in each other"),
    ("version: 1\nprompt: " + "a" * 8_000_000, r"f: A file has at most 8,000,000 bytes"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words"), REFUSED)
def test_what_is_wrong_is_said_with_file_line_and_what_was_expected(text, words):
    with pytest.raises(BadFile) as refusal:
        load_version(text, "f")
    assert re.match(words, str(refusal.value))


def test_a_prompt_file_is_checked_too():
    with pytest.raises(BadFile) as refusal:
        load_prompt("name: a//b\ntype: code\nlabels:\n  latest: 1\n  prod: x\n  A: 2\n", "p.yaml")
    assert [str(fault).split(": ")[:2] for fault in refusal.value.faults] == [
        [
            "p.yaml:1",
            "Folders are separated by one /, and none is empty, a dot or edged by spaces.",
        ],
        ["p.yaml:2", "type"],
        ["p.yaml:4", "latest"],
        ["p.yaml:5", "prod"],
        ["p.yaml:6", "A"],
    ]


def test_scalars_are_those_of_yaml_1_2():
    read = load_version(
        "version: 1\nprompt: yes\nconfig: {a: 2026-01-31, b: 1:30, c: ~, d: 0x10, e: TRUE, f: -.5}",
        "f",
    )
    assert read.content.prompt == "yes"
    assert read.content.config == {
        "a": "2026-01-31", "b": "1:30", "c": None, "d": 16, "e": True, "f": -0.5
    }  # fmt: skip


def test_a_large_file_is_read_at_once(monkeypatch):
    text = "Line {{n}} of a long prompt: with \t signs.\n" * 20_000
    started = time.process_time()
    written = dump_version(VersionFile(1, Content("text", text)))
    assert load_version(written, WHERE).content.prompt == text
    assert time.process_time() - started < 2
    monkeypatch.setattr(reading, "MOST_NODES", 8)
    with pytest.raises(BadFile, match=":3: A file holds at most 8 values"):
        load_version("version: 1\nprompt: a\ntags: [b, c, d, e]", WHERE)


NAMES = [
    ("support/refund-agent", "support/refund-agent"),
    ("Team A/größe v2.1", "Team%20A/gr%C3%B6%C3%9Fe%20v2.1"),
    (".hidden/v1.yaml", "%2Ehidden/v1%2Eyaml"),
    ("con/nul.txt/a.", "%63on/%6Eul.txt/a%2E"),
    ("50%/a:b", "50%25/a%3Ab"),
    ("x" * 150, "x" * 120 + "%/" + "x" * 30),
]


@pytest.mark.parametrize(("name", "folder"), NAMES)
def test_names_are_folders(name, folder):
    assert folder_of(name) == folder
    assert name_of(folder) == name


PARTS = st.text(LETTERS, min_size=1, max_size=255).map(lambda text: text.replace("/", "%"))


@given(st.lists(PARTS, min_size=1, max_size=3))
def test_every_name_has_one_safe_folder(parts):
    name = "/".join(parts)
    folder = folder_of(name)
    assert name_of(folder) == name
    for part in folder.split("/"):
        assert re.fullmatch(r"[A-Za-z0-9._%-]{1,130}", part)
        assert not part.startswith(".")
        assert not part.endswith((".", ".yaml", ".YAML"))


@pytest.mark.parametrize("folder", ["", "a b", "a%20", "%61", "a%2eb", "../a", "a//b", "a%", "con"])
def test_a_folder_that_no_name_has_is_none(folder):
    assert name_of(folder) == ("a " if folder == "a%20" else None)
