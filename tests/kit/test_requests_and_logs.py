"""Every request has an id that its log lines and its answer carry; addresses cannot be forged,
and numbers are plain digits."""

from __future__ import annotations

import json
import logging
import sys

import pytest
from django.test import Client

from kit.logs import JsonFormatter, RequestIdFilter
from kit.requests import accepted_id, client_address, request_id, whole_number


@pytest.mark.parametrize("sent", ["abc-1.2_X", "a" * 64])
def test_a_plain_id_is_taken(sent: str) -> None:
    assert accepted_id(sent) == sent


@pytest.mark.parametrize("sent", [None, "", "a b", "a" * 65, "é", "a\n", "<script>"])
def test_anything_else_gets_a_new_id(sent: str | None) -> None:
    made = accepted_id(sent)
    assert made != sent
    assert len(made) == 16


@pytest.mark.django_db
def test_the_answer_names_the_id() -> None:
    assert Client().get("/healthz", headers={"X-Request-Id": "mine"})["X-Request-Id"] == "mine"


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "10.0.0.1", "203.0.113.9"),  # nobody vouches for the header
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
        ("10.0.0.1", " , ", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.2", "10.0.0.2"),
    ],
)
def test_the_client_is_who_stood_before_the_trusted(
    settings, peer: str, forwarded: str, address: str
) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.1", "10.0.0.2"]
    assert client_address(peer, forwarded) == address


def line(message: str, **extra: object) -> dict[str, object]:
    record = logging.LogRecord("app", logging.WARNING, __file__, 1, message, (), None)
    vars(record).update(extra)
    RequestIdFilter().filter(record)
    text = JsonFormatter().format(record)
    assert "\n" not in text
    return json.loads(text)


def test_a_line_is_one_json_object_with_the_id_and_the_extras() -> None:
    bound = request_id.set("r-1")
    try:
        found = line("over\ntwo lines", spans=3)
    finally:
        request_id.reset(bound)
    assert found.pop("at").endswith("+00:00")
    assert found == {
        "level": "warning", "logger": "app", "message": "over\ntwo lines", "request_id": "r-1",
        "spans": 3,
    }  # fmt: skip


def test_what_json_cannot_say_is_logged_all_the_same() -> None:
    found = line("half \ud800 a pair", reason={"a": {1, 2}}, number=2**70, raw=b"\xff")
    assert found["message"] == "half \ud800 a pair"
    assert "request_id" not in found


def test_an_exception_is_in_its_line() -> None:
    try:
        raise ValueError("what went wrong")
    except ValueError:
        record = logging.LogRecord("app", logging.ERROR, __file__, 1, "x", (), sys.exc_info())
    assert "ValueError: what went wrong" in json.loads(JsonFormatter().format(record))["exception"]


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("007", 7), ("123456789", 123_456_789)]
    + [(text, None) for text in ("", "1234567890", "²", "٣", "-1", "+1", "1_0", " 1", "9" * 5000)],
)
def test_only_plain_digits_are_a_number(text: str, number: int | None) -> None:
    assert whole_number(text) == number
    assert whole_number("9" * 17, digits=18) == int("9" * 17)
