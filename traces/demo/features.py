"""The other four features: answers from articles, ticket triage, case summaries, voice notes."""

from __future__ import annotations

from contextlib import suppress

from traces.demo import mishaps
from traces.demo.articles import ARTICLES
from traces.demo.calendar import CAMPAIGN, INDEX_CHANGE, Moment
from traces.demo.calls import Ask, Prompt, chat, embed, rerank, retrieve, text, tool
from traces.demo.catalog import GPT5_MINI, HAIKU, POLICIES, VOXSCRIBE
from traces.demo.people import Visit
from traces.demo.spans import CLIENT, Attributes, Failed, Telling, json, put


def answer_question(t: Telling, visit: Visit, moment: Moment) -> None:
    """Tell a question to the articles; every third comes from the semantic cache."""
    chance = t.chance
    article = chance.choice(ARTICLES[visit.person.language])
    asked = article.question
    answer = f"{article.answer} [{POLICIES[article.policy][0]}]"
    root_attributes: Attributes = {
        "gen_ai.operation.name": "chain",
        "gen_ai.input.messages": json([text("user", asked)]),
        "tag.tags": [f"lang:{visit.person.language}", "surface:help-centre"],
    }
    with suppress(Failed), t.within("kb.answer", root_attributes) as root:
        put(root.attributes, {"gen_ai.output.messages": json([text("assistant", answer)])})
        embed(t, "embed_query", asked)
        is_hit = chance.random() < (0.29 if moment.days_ago <= INDEX_CHANGE else 0.41)
        nearest = round(chance.uniform(0.95, 0.99) if is_hit else chance.uniform(0.5, 0.93), 3)
        t.leaf(
            "semantic_cache.lookup",
            {"cache.hit": is_hit, "cache.nearest": nearest},
            chance.lognormvariate(-4, 0.4),
        )
        if not is_hit:
            found = _found(t, article.policy)
            retrieve(t, "vector.top_k", asked, found, "kb-docs", moment.index_version)
            rerank(t, HAIKU, asked, found[:3])
            kept = (found[:3] * 14)[: round(3 * moment.leaked)]
            lines = "\n\n".join(f"[{one['id']}] {one['content']}" for one in kept)
            messages = [text("user", f"{lines}\n\nQuestion: {asked}")]
            ask = Ask(
                Prompt("kb-answer", "22"),
                cached=0.4,
                streams=True,
                failure=mishaps.of_model(chance, moment),
            )
            chat(t, "compose_answer", HAIKU, ask, messages, text("assistant", answer))
    visit.turn += 1


def _found(t: Telling, best: int) -> list[dict[str, object]]:
    """Documents near a question, the best first."""
    score = t.chance.uniform(0.7, 0.9)
    found: list[dict[str, object]] = []
    for place in (best, best + 1, best + 3, best + 4, best + 6):
        identity, title, body = POLICIES[place % len(POLICIES)]
        found.append(
            {
                "id": identity,
                "score": round(score, 4),
                "content": body,
                "metadata": {"title": title},
            }
        )
        score *= t.chance.uniform(0.85, 0.97)
    return found


def route_ticket(t: Telling, visit: Visit, moment: Moment) -> None:
    """Tell the sorting of a new message; since the model switch it thinks first."""
    chance = t.chance
    asked, _ = visit.exchange(chance)
    model = moment.triage_model
    verdict = json(
        {
            "label": visit.issue.label,
            "queue": visit.issue.queue,
            "priority": chance.choices((1, 2, 3, 4), (6, 24, 50, 20))[0],
            "language": visit.person.language,
            "needs_human": chance.random() < 0.12,
        }
    )
    message = f"Subject: order {visit.facts['order']}\n\n{asked}"
    tags = [f"channel:{visit.channel}"]
    if moment.days_ago <= CAMPAIGN and int(visit.facts["order"]) % 3 == 0:
        tags.append("campaign:black-week")
    root_attributes: Attributes = {
        "gen_ai.operation.name": "chain",
        "gen_ai.input.messages": json([text("user", message)]),
        "tag.tags": tags,
    }
    ask = Ask(
        Prompt("ticket-triage", moment.triage_prompt),
        temperature=0.0 if model.asked != "gpt-5-mini" else 1.0,
        max_tokens=400,
        cached=0.2,
        reasoning=64 * chance.randrange(1, 6) if model.asked == "gpt-5-mini" else 0,
        failure=mishaps.of_model(chance, moment),
    )
    with suppress(Failed), t.within("triage.route", root_attributes) as root:
        reply = text("assistant", verdict)
        chat(t, "classify", model, ask, [text("user", message)], reply)
        is_bad = chance.random() < (0.012 if model.asked == "gpt-5-mini" else 0.035)
        t.leaf("validate", {}, 0.0004, failure=mishaps.BAD_JSON if is_bad else None)
        put(root.attributes, {"gen_ai.output.messages": json([reply])})
        case = {"case": visit.facts["order"], "queue": visit.issue.queue}
        identity = f"call_{chance.getrandbits(48):012x}"
        tool(t, "tickets.update", identity, case, {"ok": True}, chance.lognormvariate(-2, 0.4))


def summarise_case(t: Telling, visit: Visit, moment: Moment) -> None:
    """Tell the summary of a case that changes hands."""
    chance = t.chance
    facts, issue = visit.facts, visit.issue
    asked, answer = visit.exchange(chance)
    count = chance.randrange(4, 19)
    lines = [f"Case {facts['order']}, {count} messages, {issue.label}"]
    for number in range(count):
        who = "Customer" if number % 2 == 0 else "Northwind"
        lines.append(f"[{number + 1}] {who}: {asked if number % 2 == 0 else answer}")
    case = text("user", "\n".join(lines))
    summary = (
        f"Order **{facts['order']}** ({facts['item']}, {facts['amount']}). {issue.label}: the "
        f"customer wrote {(count + 1) // 2} times. Promised: {facts['ref']} within "
        f"{facts['days']} days. Mood: {chance.choice(_MOODS)}. Next: "
        f"{chance.choice(_NEXT)}."
    )
    root_attributes: Attributes = {
        "gen_ai.operation.name": "chain",
        "gen_ai.input.messages": json([text("user", "\n".join(lines[:2]))]),
        "gen_ai.output.messages": json([text("assistant", summary)]),
        "tag.tags": [f"queue:{issue.queue}"],
    }
    model = GPT5_MINI if chance.random() < 0.35 else HAIKU
    failure = mishaps.of_model(chance, moment)
    with suppress(Failed), t.within("summarise_case", root_attributes):
        identity = f"call_{chance.getrandbits(48):012x}"
        got = {"messages": count, "language": visit.person.language}
        down = mishaps.of_orders(chance, moment)
        tool(t, "cases.load", identity, {"case": facts["order"]}, got, 0.21, down)
        version = "31" if moment.days_ago < 35 else "30"
        reasoning = 128 if model is GPT5_MINI else 0
        ask = Ask(Prompt("summaries", version), cached=0.15, failure=failure, reasoning=reasoning)
        chat(t, "compose_summary", model, ask, [case], text("assistant", summary))
        tool(t, "cases.save_summary", identity, {"words": 62}, {"ok": True}, 0.09)


_MOODS = ("patient so far", "angry, third contact", "worried about the date", "friendly", "tired")
_NEXT = (
    "wait for the photos",
    "call the courier before noon",
    "a shift lead approves the refund",
    "nothing, close in three days",
    "send the corrected invoice",
)


def note_by_voice(t: Telling, visit: Visit, moment: Moment) -> None:
    """Tell a technician's spoken note; the speech model is our own and has no price."""
    chance = t.chance
    seconds = chance.randrange(18, 140)
    spoken = (
        f"Okay so this is the {visit.facts['item']} from order {visit.facts['order']}, uhm, the "
        f"seal was worn, I replaced it and ran it twice. Still have to check the hose, "
        f"probably {visit.facts['days']} days until the part is here."
    )
    points = (
        f"- Found: worn seal on the {visit.facts['item']}\n- Done: seal replaced, two test runs\n"
        f"- Open: hose, part expected in {visit.facts['days']} days"
    )
    sound = {
        "type": "uri",
        "modality": "audio",
        "mime_type": "audio/ogg",
        "uri": f"https://media.northwind.example/notes/{visit.session_id}.ogg",
    }
    heard = {"role": "user", "parts": [sound]}
    root_attributes: Attributes = {
        "gen_ai.operation.name": "chain",
        "gen_ai.input.messages": json([heard]),
        "tag.tags": ["team:field-service"],
    }
    failure = mishaps.NO_SPEECH if chance.random() < 0.03 else None
    with suppress(Failed), t.within("voice.note", root_attributes) as root:
        call: Attributes = {
            "gen_ai.operation.name": "generate_content",
            "gen_ai.provider.name": VOXSCRIBE.provider,
            "gen_ai.request.model": VOXSCRIBE.asked,
            "gen_ai.input.messages": json([heard]),
            "server.address": VOXSCRIBE.address,
        }
        if failure is None:
            call |= {
                "gen_ai.response.model": VOXSCRIBE.answered,
                "gen_ai.output.messages": json([text("assistant", spoken)]),
                "gen_ai.usage.input_tokens": seconds * 25,
                "gen_ai.usage.audio.input_tokens": seconds * 25,
                "gen_ai.usage.output_tokens": len(spoken) // 4,
            }
        t.leaf("transcribe", call, seconds * 0.05 + 0.8, kind=CLIENT, failure=failure)
        ask = Ask(
            Prompt("voice-notes", "3"),
            temperature=1.0,
            reasoning=64,
            max_tokens=300,
            failure=mishaps.of_model(chance, moment),
        )
        chat(t, "bullet_points", GPT5_MINI, ask, [text("user", spoken)], text("assistant", points))
        put(root.attributes, {"gen_ai.output.messages": json([text("assistant", points)])})
        identity = f"call_{chance.getrandbits(48):012x}"
        tool(t, "crm.attach_note", identity, {"order": visit.facts["order"]}, {"ok": True}, 0.18)
