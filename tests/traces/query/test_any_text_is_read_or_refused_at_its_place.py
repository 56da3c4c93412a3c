"""Whatever is typed is understood, or refused with the place and what was expected there."""

from __future__ import annotations

from random import Random

import pytest

from bench.query_texts import query, sentence
from traces.query import QueryError, chips, parse, render, with_term, without_term


def refusal(text: str) -> QueryError | None:
    try:
        parse(text)
    except QueryError as error:
        return error
    return None


def test_any_text_is_parsed_or_refused_at_a_place_inside_it() -> None:
    random = Random(1)
    understood = 0
    for _ in range(3000):
        text = query(random)
        error = refusal(text)
        if error is not None:
            assert 0 <= error.position <= error.position + error.length <= len(text)
            assert error.expected
            assert error.message
            assert text[error.position : error.position + error.length] == error.found
            continue
        found = parse(text)
        understood += 1
        assert parse(render(found)) == found, text
        assert render(parse(render(found))) == render(found), text
    assert understood > 1500


def test_every_sentence_of_the_grammar_is_understood() -> None:
    random = Random(2)
    for _ in range(1500):
        parse(sentence(random))


def test_a_chip_stands_for_its_part_and_goes_away_alone() -> None:
    random = Random(3)
    for _ in range(1000):
        found = parse(sentence(random))
        made = chips(found)
        assert [found.text[chip.start : chip.end] for chip in made] == [chip.text for chip in made]
        for chip in made:
            others = [other.text for other in made if other is not chip]
            left = [other.text for other in chips(parse(chip.without))]
            assert left == others or len(others) == 1
            parse(chip.negated)


ERRORS = [
    (
        "envronment:x",
        "envronment",
        "a field such as name, model or cost; or quotes around the text",
    ),
    ("environment:x", "environment", "env"),
    ("modle:x", "modle", "model"),
    ("name:a latency>soon", "soon", "a time such as 800ms, 2s, 3m or 1h"),
    ("cost>€5", "€5", "an amount such as $0.05"),
    ("tokens:5k..2k", "5k..2k", "a range such as 5k..20k, the lower end first"),
    ("name>5", ">", "one of : = !="),
    ("status:broken", "broken", "one of ok, error, recovered, running"),
    ("(name:a", "", "a term or )"),
    ("name:a)", ")", "a field, a word or ("),
    ("()", ")", "a term inside the parentheses"),
    ("name:", "", "a value"),
    ('name:""', '""', "a value; -has:field finds where there is none"),
    ('say "never closed', '"never closed', 'a closing "'),
    ("> 5", ">", "a field before it"),
    ("span(span(kind:tool))", "span", "a condition on the same span"),
    ("span(tag:vip)", "tag", "a field of spans inside span(…)"),
    ("model:(a, )", ")", "a value"),
    ("cost>(1, 2)", "(", "one value"),
    ("name:a OR", "", "a field, a word or ("),
    ("has:everything", "everything", "a field such as cost, error or score.<name>"),
    ("score.:1", "score.", "a name, as in score.faithfulness<80%"),
    ("re*fund", "re*fund", "a word such as refund*"),
    ("???", "???", "a word to search for, or a field"),
    ("a\0b", "\0", "text"),
]


@pytest.mark.parametrize(("text", "found", "expected"), ERRORS, ids=lambda part: repr(part)[:30])
def test_an_error_names_the_place_and_what_was_expected(
    text: str, found: str, expected: str
) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert (caught.value.found, caught.value.expected) == (found, expected)
    assert text[caught.value.position :].startswith(found)
    assert caught.value.expected.rstrip(".") in caught.value.message


def test_what_is_too_long_or_deep_or_wide_is_refused() -> None:
    for text in ("a" * 4001, "(" * 21 + "a" + ")" * 21, "-" * 25 + "a", "a " * 41):
        with pytest.raises(QueryError, match="at most"):
            parse(text)
    with pytest.raises(QueryError, match="at most 100 values"):
        parse(f"name:({','.join('a' * 101)})")


EDITS = [
    ("", "model", "gpt-4o", "model:gpt-4o"),
    ("model:a latency>2s", "model", "b", "latency>2s model:b"),
    ("a OR b", "user", "u 1", '(a OR b) user:"u 1"'),
    ("(a) OR (b)", "user", "u1", "((a) OR (b)) user:u1"),
    ("-model:b x", "model", "b", "x model:b"),
]


@pytest.mark.parametrize(("text", "field", "value", "expected"), EDITS)
def test_a_click_on_a_value_edits_the_text(
    text: str, field: str, value: str, expected: str
) -> None:
    assert with_term(parse(text), field, value) == expected


def test_terms_are_kept_excluded_and_removed() -> None:
    assert with_term(parse("tag:a"), "tag", "b", keep=True) == "tag:a tag:b"
    assert with_term(parse("tag:a kind:tool"), "tag", "a", op="!=") == "kind:tool tag!=a"
    assert without_term(parse("tag:a -tag:b kind:tool"), "tag") == "kind:tool"
    assert without_term(parse("tag:a tag:b"), "tag", "a") == "tag:b"
    assert with_term(parse(""), "score", "0.5", op="<", key="two words") == 'score."two words"<0.5'
