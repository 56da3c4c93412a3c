"""A settled trace is found by the words that were said in it."""

from __future__ import annotations

import pytest

from tests.traces.stored import connect, fetch, open_store, rows, span
from traces.digest import queue
from traces.digest.settle import settle_what_is_due
from traces.search.words import response_hash, word_hash, word_hashes, words_of

FIND = "select trace_id from trace_words where project_id = %s and words @> %s order by 1"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Refund the Blender, please!", {"refund", "the", "blender", "please"}),
        ("refunds.create(order_id=88412)", {"refunds", "create", "order_id", "88412"}),
        ("Straße ÉTÉ naïve", {"strasse", "été", "naïve"}),
        ("退款申请", {"退款", "款申", "申请"}),
        ("order订单x", {"order", "订单", "x"}),
        ("4bf92f3577b34da6a3ce929d0e0e4736 deadbeef", {"deadbeef"}),
        ("é 4bf92f3577b34da6", {"é"}),
        ("w" * 70, {"w" * 64}),
        ("", set()),
    ],
)
def test_words_of_a_text(text: str, words: set[str]) -> None:
    assert words_of(text) == words


def test_the_hash_of_a_text_is_that_of_its_words_and_of_no_other_project() -> None:
    text = "Refund the blender: Straße 退款"
    assert word_hashes(text, 7) == sorted(word_hash(word, 7) for word in words_of(text))
    assert not set(word_hashes(text, 7)) & set(word_hashes(text, 8))
    assert all(-(2**31) <= number < 2**31 for number in word_hashes(text, 7))


@pytest.fixture
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "SETTLED_AFTER_SECONDS", 0.0)


def settle() -> None:
    with connect() as link:
        settle_what_is_due(link)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_at_once")
def test_a_trace_is_indexed_when_it_settles_and_again_when_more_comes() -> None:
    message = '[{"role": "user", "parts": [{"type": "text", "content": "My caf\\u00e9 order"}]}]'
    genai = {"gen_ai.operation.name": "chat", "gen_ai.input.messages": message} | {
        "gen_ai.response.id": "resp-1"
    }
    with open_store() as store:
        store.write(
            rows(
                span("a", "one", attributes=genai, dialect="genai"),
                span("b", "two", input={"query": "café"}, output="a blender", at=50),
            )
        )
        settle()
        assert fetch(FIND, 1, word_hashes("CAFÉ order", 1)) == [("one",)]
        assert fetch(FIND, 1, word_hashes("blender", 1)) == [("two",)]
        assert fetch(FIND, 1, word_hashes("café", 1)) == [("one",), ("two",)]
        assert fetch(FIND, 1, word_hashes("query", 1)) == []  # the name of a field
        assert fetch(FIND, 1, [response_hash("resp-1", 1)]) == [("one",)]
        assert fetch(FIND, 2, word_hashes("café", 1)) == []
        # Its root comes late and moves its start to another day.
        store.write(rows(span("root", "two", at=-86_400 * 2, output="sold out")))
        settle()
    assert fetch(FIND, 1, word_hashes("blender sold", 1)) == [("two",)]
    assert fetch("select count(*) from trace_words") == [(2,)]
    starts = "select count(*) from trace join trace_words using (project_id, trace_id, start_time)"
    assert fetch(starts) == [(2,)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_at_once")
def test_only_the_first_part_of_a_long_text_is_indexed() -> None:
    with open_store() as store:
        store.write(rows(span(input="needle " + "hay " * 3000 + "nail")))
    settle()
    assert fetch(FIND, 1, word_hashes("needle", 1)) == [("t1",)]
    assert fetch(FIND, 1, word_hashes("nail", 1)) == []
