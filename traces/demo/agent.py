"""The refund agent: the trace that people look at first."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from traces.demo import mishaps
from traces.demo.calendar import CAMPAIGN, Moment
from traces.demo.calls import (
    Ask,
    Message,
    Prompt,
    asks_tool,
    chat,
    embed,
    guard,
    rerank,
    retrieve,
    text,
    tool,
    tool_answers,
)
from traces.demo.catalog import HAIKU, POLICIES, SONNET
from traces.demo.people import Visit
from traces.demo.spans import CLIENT, Failed, Failure, Telling, json, put

_PLAN = Prompt("refund-agent", "", "plan")


def resolve_ticket(t: Telling, visit: Visit, moment: Moment) -> None:
    """Tell one turn: guard, plan, policies, tools, answer, guard, post the reply."""
    asked, answer = visit.exchange(t.chance)
    question = text("user", asked)
    visit.history.append(question)
    ask = Ask(
        Prompt("refund-agent", visit.prompt_version),
        tools=True,
        cached=0.72 if visit.turn else 0.55,
        streams=True,
    )
    with suppress(Failed), t.within("agent.resolve_ticket", _root(visit, moment)) as root:
        put(root.attributes, {"gen_ai.input.messages": json([question])})
        mails = asked.count("@")
        guard(t, "guard.input_scan", asked, f"{mails} email found" if mails else "passed")
        _plan(t, visit, moment)
        messages = list(visit.history)
        if visit.turn == 0 or t.chance.random() < 0.4:
            messages.insert(0, _policies(t, visit, asked, moment))
        if visit.turn == 0:
            messages += _tools(t, visit, moment)
        if visit.prompt_version == "13" and visit.turn == 0:  # the older prompt talks more
            answer = f"{_COURTESY[visit.person.language]}\n\n{answer}"
        reply = text("assistant", answer)
        failure = mishaps.of_model(t.chance, moment)
        chat(t, "compose_reply", SONNET, _with(ask, failure), messages, reply)
        guard(t, "guard.output_policy", answer, "passed")
        _post(t, visit)
        put(root.attributes, {"gen_ai.output.messages": json([reply])})
        visit.history.append(reply)
    visit.turn += 1


def _root(visit: Visit, moment: Moment) -> dict[str, Any]:
    tags = [f"channel:{visit.channel}", f"lang:{visit.person.language}"]
    if moment.days_ago <= CAMPAIGN and int(visit.facts["order"]) % 3 == 0:
        tags.append("campaign:black-week")
    return {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": "refund-agent",
        "gen_ai.conversation.id": visit.session_id,
        "tag.tags": tags,
        "metadata": json({"order": visit.facts["order"], "turn": visit.turn + 1}),
    }


def _with(ask: Ask, failure: Failure | None) -> Ask:
    return ask if failure is None else Ask(ask.prompt, ask.tools, failure=failure)


def _plan(t: Telling, visit: Visit, moment: Moment) -> None:
    wanted = ["orders.lookup", visit.issue.tool] if visit.turn == 0 else []
    plan = json({"tools": wanted, "policies": visit.turn == 0})
    failure = mishaps.of_model(t.chance, moment)
    with t.within("plan_turn", {"gen_ai.operation.name": "agent_step"}):
        ask = Ask(_PLAN, cached=0.3, failure=failure, max_tokens=120)
        chat(t, f"chat {HAIKU.asked}", HAIKU, ask, visit.history[-4:], text("assistant", plan))


def _policies(t: Telling, visit: Visit, query: str, moment: Moment) -> Message:
    """Tell the search for policies; return what it found as a message for the model."""
    chance = t.chance
    found = []
    score = chance.uniform(0.78, 0.93)
    for place in (*visit.issue.policies, 10):
        identity, title, body = POLICIES[place]
        meta = {"title": title, "source": "kb-docs"}
        found.append({"id": identity, "score": round(score, 4), "content": body, "metadata": meta})
        score *= chance.uniform(0.84, 0.97)
    best = [found[1], found[0], found[2]]
    with t.within(
        "search_policies",
        {"gen_ai.operation.name": "retrieval", "gen_ai.retrieval.query.text": query},
    ) as span:
        embed(t, "embed_query", query)
        retrieve(t, "vector.top_k", query, found, "kb-docs", moment.index_version)
        rerank(t, HAIKU, query, best)
        put(span.attributes, {"gen_ai.retrieval.documents": json(best)})
    lines = "\n\n".join(f"[{one['id']}] {one['content']}" for one in best)
    return text("system", f"Policies that may apply:\n\n{lines}")


def _tools(t: Telling, visit: Visit, moment: Moment) -> list[Message]:
    """Tell the order's lookup and the issue's own tool; return the messages they add."""
    chance, facts = t.chance, visit.facts
    order = {
        "order_id": facts["order"],
        "status": chance.choice(("delivered", "shipped", "delivered", "returned")),
        "items": [{"name": facts["item"], "quantity": 1, "price": facts["amount"]}],
        "payments": [{"id": f"pay_{chance.getrandbits(32):08x}", "state": "captured"}],
    }
    first = f"call_{chance.getrandbits(48):012x}"
    wanted = {"order_id": facts["order"]}
    failure = mishaps.of_orders(chance, moment)
    took = 5.0 if failure else chance.lognormvariate(-1.2, 0.4)
    tool(t, "orders.lookup", first, wanted, order, took, failure)
    said = [asks_tool(first, "orders.lookup", wanted), tool_answers(first, order)]
    second = f"call_{chance.getrandbits(48):012x}"
    arguments = {**wanted, "reason": visit.issue.name}
    if visit.issue.tool == "refunds.create":
        arguments["amount"] = facts["amount"]
    draft = asks_tool(second, visit.issue.tool, arguments)
    ask = Ask(Prompt("refund-agent", visit.prompt_version), tools=True, cached=0.6)
    chat(t, "draft_answer", SONNET, ask, [*visit.history, *said], draft)
    result = {"reference": facts["ref"], "state": "queued"}
    is_refund = visit.issue.tool == "refunds.create"
    if is_refund and (again := mishaps.of_refund(chance, visit.prompt_version)):
        with suppress(Failed):
            tool(t, "refunds.create", second, arguments, None, 0.46, again)
        with t.within("retry refunds.create", {"retry.attempt": 1}):
            tool(t, "refunds.create", second, {**arguments, "key": facts["ref"]}, result, 0.44)
        return [*said, draft, tool_answers(second, result)]
    tool(t, visit.issue.tool, second, arguments, result, chance.lognormvariate(-1.0, 0.4))
    return [*said, draft, tool_answers(second, result)]


def _post(t: Telling, visit: Visit) -> None:
    t.leaf(
        "POST helpdesk/reply",
        {
            "http.request.method": "POST",
            "url.full": f"https://helpdesk.internal/v1/cases/{visit.facts['order']}/reply",
            "http.response.status_code": 201,
        },
        t.chance.lognormvariate(-1.0, 0.4),
        kind=CLIENT,
    )


_COURTESY = {
    "en": "Thank you for contacting Northwind support. I understand how frustrating this must be, "
    "and I completely see why you are writing. Let me go through what I found for you.",
    "es": "Gracias por ponerse en contacto con Northwind. Entiendo perfectamente su molestia y voy "
    "a explicarle con detalle lo que he encontrado.",
    "fr": "Merci d’avoir contacté le service client de Northwind. Je comprends tout à fait votre "
    "contrariété et je vous explique ce que j’ai trouvé.",
    "de": "Vielen Dank für Ihre Nachricht an den Northwind-Kundendienst. Ich verstehe Ihren Ärger "
    "sehr gut und erkläre Ihnen gern, was ich herausgefunden habe.",
    "ja": "Northwindサポートへお問い合わせいただき、誠にありがとうございます。"
    "ご不便をおかけしておりますこと、深くお詫び申し上げます。",
}
