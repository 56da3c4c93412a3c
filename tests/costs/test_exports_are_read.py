"""Exports of OpenAI and Anthropic are read exactly, in whatever shape they come, or not at all."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from costs.invoicing.faults import BadFile
from costs.invoicing.naming import groups, spelled
from costs.invoicing.reading import read
from costs.invoicing.statement import Statement

FIXTURES = Path(__file__).parent.parent / "fixtures" / "costs"
FIRST, LAST = date(2026, 9, 1), date(2026, 9, 3)


def of(text: str | bytes, **said: str) -> Statement:
    return read([text if isinstance(text, bytes) else text.encode()], **said)


def named(name: str) -> bytes:
    return (FIXTURES / f"{name}.csv").read_bytes()


def sums(found: Statement) -> dict[tuple[str, str], tuple[int | None, int | None]]:
    kept: dict[tuple[str, str], tuple[int | None, int | None]] = {}
    for line in found.lines:
        key = (line.model or line.kind, line.token_class)
        tokens, cost = kept.get(key, (None, None))
        if line.tokens is not None:
            tokens = (tokens or 0) + line.tokens
        if line.cost is not None:
            cost = (cost or 0) + line.cost
        kept[key] = (tokens, cost)
    return kept


def test_openai_costs_by_class_with_tax_credit_tool_and_unknown_lines() -> None:
    found = of(named("openai-costs"))
    assert (found.provider, found.first, found.last, found.empty) == (
        "openai", FIRST, date(2026, 9, 4), 1,
    )  # fmt: skip
    assert sums(found) == {
        ("gpt-4o-2024-08-06", "input"): (300_000, 750_000_000),
        ("gpt-4o-2024-08-06", "cache read"): (150_000, 187_500_000),
        ("gpt-4o-2024-08-06", "output"): (60_000, 600_000_000),
        ("tool", ""): (None, 30_000_000), ("credit", ""): (None, -100_000_000),
        ("tax", ""): (None, 40_000_000), ("unknown", ""): (None, 10_000_000),
    }  # fmt: skip
    assert found.unknown == 1
    assert found.cost == 1_517_500_000


def test_openai_usage_counts_cached_tokens_once() -> None:
    found = of(named("openai-usage"))
    assert sums(found) == {
        ("gpt-4o-2024-08-06", "input"): (300_000, None),
        ("gpt-4o-2024-08-06", "cache read"): (150_000, None),
        ("gpt-4o-2024-08-06", "output"): (60_000, None),
    }
    assert sum(line.requests or 0 for line in found.lines) == 300
    assert not found.has_money


def test_anthropic_usage_and_costs() -> None:
    found = of(named("anthropic-usage"))
    name = "claude-haiku-4-5-20251001"
    assert sums(found) == {
        (name, "input"): (600_000, None), (name, "cache write"): (60_000, None),
        (name, "cache read"): (240_000, None), (name, "output"): (90_000, None),
    }  # fmt: skip
    assert {line.service for line in found.lines} == {"", "batch"}
    costs = of(named("anthropic-costs"))
    assert sums(costs)["claude-haiku-4-5", "output"] == (None, 240_000_000)
    assert sums(costs)["tool", ""] == (None, 150_000_000)
    assert costs.cost == 750_000_000


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffDATE;Model;Input Tokens;Output Tokens;Cost\r\n2026-09-01;gpt-4o;1.500;20;0,05\r\n",
        "cost,output_tokens,model,date,input_tokens\n$0.05,20,gpt-4o,2026/9/1,\"1,500\"",
        "date\tmodel\tinput_tokens\toutput_tokens\tcost\r2026-09-01T23:59:59Z\tgpt-4o\t1500\t20\t5E-2\r",
        'sep=,\n"Date","Model","Input tokens","Output tokens","Cost"\n'
        '"1788220800","gpt-4o","1 500","20","USD 0.050"\n\n',
        "date,model,input_tokens,output_tokens,cost\n2026-09-02T01:00:00+02:00,gpt-4o,1500,20,0.05\n"
        "Total,,1500,20,0.05\n",
    ],
)  # fmt: skip
def test_order_case_marks_ends_quotes_groups_and_times_do_not_matter(text: str) -> None:
    for whole in (text.encode(), text.encode("utf-16")):
        found = read([whole[place : place + 3] for place in range(0, len(whole), 3)])
        assert found.first == found.last == FIRST
        assert sums(found) == {
            ("gpt-4o", "input"): (1500, None), ("gpt-4o", "output"): (20, None),
            ("gpt-4o", ""): (None, 50_000_000),
        }  # fmt: skip


HEAD = "date,model,input_tokens,output_tokens,cost,currency\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + "2026-09-01,gpt-4o,x,1,1,usd", "Line 2, column “input_tokens”: “x” is no count"),
        (HEAD + "2026-09-01,gpt-4o,1,1,1,usd\n2026-13-01,x,1,1,1,usd", "Line 3, column “date”"),
        (HEAD + "2026-09-01,gpt-4o,1,1,1,EUR\n2026-09-01,gpt-4o,1,1,1,USD", "in EUR and USD"),
        (HEAD + "2026-09-01,gpt-4o,1,1,€1,", "in EUR"),
        (HEAD + "2026-09-01,gpt-4o,-1,1,1,usd", "a whole number, 0 or more"),
        (HEAD + "2026-09-01,gpt-4o,1,1,abc,usd", "expected dollars as 1234.56"),
        (HEAD + "2026-09-01,gpt-4o,1,1,NaN,usd", "“NaN” is no amount"),
        (HEAD + "2026-09-01,gpt-4o,1,1\n", "has 4 cells and the header 6"),
        (HEAD + '2026-09-01,"gpt-4o,1,1,1,usd\n', "Line 2: this is no CSV"),
        (HEAD + "03/04/2026,gpt-4o,1,1,1,usd\n", "may be two days"),
        (HEAD + "1926-09-01,gpt-4o,1,1,1,usd\n", "not of our time"),
        (HEAD + "2026-09-01,gpt-4o,1,1,\0,usd\n", "NUL"),
        (HEAD + ",gpt-4o,1,1,1,usd\n", "the day is empty"),
        (HEAD, "a header and no rows"),
        ("a,b\n1,2\n", "no column says the day"),
        ("date,model\n1,2\n", "no column has tokens or amounts"),
        ("", "empty"),
        ("date,date,cost\n", "there twice"),
        ("date;model;cost\n2026-09-01;gpt-4o;1.234", "can be read in two ways"),
        ("usage_date_utc,model,cost_eur\n2026-09-01,x,1", "amounts are in EUR"),
        (b"\xff\x00\x01date", "UTF-8"),
        ("start_time,end_time,amount_value\n2026-09-01,2026-10-01,4", "covers 30 days"),
        ("start_time,input_tokens,input_cached_tokens,model\n2026-09-01,5,6,gpt-4o", "less than"),
    ],
)  # fmt: skip
def test_a_fault_says_where_it_is_and_what_is_expected(text: str | bytes, said: str) -> None:
    with pytest.raises(BadFile) as refused:
        of(text)
    assert said in str(refused.value)


def test_amounts_are_exact_and_rows_of_others_are_left_out_and_counted() -> None:
    rows = "".join(f"2026-09-01,0.{n:030d},gpt-4o,p{n % 2}\n" for n in (10**29 + 1, 10**21 * 5))
    found = of("date,amount_value,model,project_id\n" + rows)
    assert found.cost == 100_000_005
    assert of("date,amount_value,model,project_id\n" + rows, only="P1").left_out == 1
    with pytest.raises(BadFile, match="there are “p1”, “p0”"):
        of("date,amount_value,model,project_id\n" + rows, only="p7")
    day_first = of("date,model,cost\n03/09/2026,gpt-4o,1\n25/09/2026,gpt-4o,1\n")
    assert (day_first.first, day_first.last) == (LAST, date(2026, 9, 25))


def test_models_are_found_under_the_names_that_traces_have() -> None:
    assert spelled("Claude 3.5 Sonnet 2024-10-22") == "claude-3-5-sonnet-20241022"
    under = groups(
        ["gpt-4o-2024-08-06", "claude-haiku-4-5", "o3-2025-04-16", "gpt-4.1-2025-04-14",
         "gpt-4.1-2025-09-01"],
        ["gpt-4o", "gpt-4o-mini", "claude-haiku-4-5-20251001", "o3-2025-04-16", "gpt-4.1"],
    )  # fmt: skip
    assert under["gpt-4o"] == "gpt-4o-2024-08-06"
    assert under["gpt-4o-mini"] == "gpt-4o-mini"
    assert under["claude-haiku-4-5-20251001"] == "claude-haiku-4-5"
    assert under["gpt-4.1"] == under["gpt-4.1-2025-09-01"] == "gpt-4.1"
