"""Run alone: langchain with langfuse's handler, OpenAI's client as langfuse wraps it, then both.

Both: langchain calls through the wrapped client, and each tells of every call. Prints three traces.
"""

import json
import sys
from contextlib import suppress

from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from langfuse import get_client, propagate_attributes
from langfuse.langchain import CallbackHandler
from openai import APIStatusError

client = get_client()
QUESTION = {"role": "user", "content": "Where is order 7?"}
PARAMETERS = {"type": "object", "properties": {"order": {"type": "integer"}}}
LOOKUP = {"type": "function", "function": {"name": "lookup", "parameters": PARAMETERS}}


@tool
def lookup(order: int) -> str:
    """Where an order is."""
    return f"order {order} is on its way"


def chain(name, **more):
    return ChatOpenAI(model=name, max_retries=0, **more)


def by_langchain():
    handler = {"callbacks": [CallbackHandler()]}
    chain("gpt-4o-mini", temperature=0).invoke("Where is order 7?", handler)
    streamed = chain("gpt-5-mini", stream_usage=True).stream("Where is order 7?", handler)
    text = "".join(chunk.content for chunk in streamed)
    model = chain("gpt-4.1").bind_tools([lookup])
    asked = model.invoke("Where is order 7?", handler)
    found = lookup.invoke(asked.tool_calls[0], handler)
    model.invoke([("user", "Where is order 7?"), asked, found], handler)
    for refused in ("gpt-refused", "gpt-down"):
        with suppress(APIStatusError):
            chain(refused).invoke("Where is order 7?", handler)
    return text


def by_openai():
    from langfuse.openai import OpenAI

    openai = OpenAI(max_retries=0)
    openai.chat.completions.create(model="gpt-4o-mini", messages=[QUESTION], temperature=0)
    streamed = openai.chat.completions.create(
        model="gpt-5-mini",
        messages=[QUESTION],
        stream=True,
        stream_options={"include_usage": True},
    )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in streamed if chunk.choices)
    openai.chat.completions.create(model="gpt-4.1", messages=[QUESTION], tools=[LOOKUP])
    openai.responses.create(model="gpt-5-mini", input="Where is order 7?")
    openai.embeddings.create(model="text-embedding-3-small", input=["order 7"])
    for refused in ("gpt-refused", "gpt-down"):
        with suppress(APIStatusError):
            openai.chat.completions.create(model=refused, messages=[QUESTION])
    return text


def trace_of(calls):
    with (
        client.start_as_current_observation(name="support", as_type="agent") as root,
        propagate_attributes(user_id="user-1", session_id="sess-1", tags=["beta"]),
    ):
        return {"trace_id": root.trace_id, "streamed": calls()}


# Nothing is wrapped until `langfuse.openai` is imported, and everything afterwards.
told = [trace_of(calls) for calls in (by_langchain, by_openai, by_langchain)]
client.flush()
sys.stdout.write(json.dumps({"traces": told}) + "\n")
