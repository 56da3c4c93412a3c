"""Run alone: a workflow under traceloop's SDK (OpenLLMetry); prints the id of its trace."""

import json
import os
import sys
from contextlib import suppress

from openai import APIStatusError, OpenAI
from opentelemetry import trace
from traceloop.sdk import Traceloop
from traceloop.sdk.decorators import agent, tool, workflow

Traceloop.init(
    app_name="support",
    api_endpoint=os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"],
    headers={"Authorization": f"Bearer {os.environ['LANGFUSE_SECRET_KEY']}"},
    telemetry_enabled=False,
)
client = OpenAI(max_retries=0)

QUESTION = {"role": "user", "content": "Where is order 7?"}
PARAMETERS = {"type": "object", "properties": {"order": {"type": "integer"}}}
LOOKUP = {"type": "function", "function": {"name": "lookup", "parameters": PARAMETERS}}


@tool(name="lookup")
def lookup(order):
    return f"order {order} is on its way"


@agent(name="resolver")
def resolve():
    asked = client.chat.completions.create(model="gpt-4.1", messages=[QUESTION], tools=[LOOKUP])
    message = asked.choices[0].message
    (call,) = message.tool_calls
    found = lookup(**json.loads(call.function.arguments))
    client.chat.completions.create(
        model="gpt-4.1",
        tools=[LOOKUP],
        messages=[
            QUESTION,
            message.model_dump(exclude_none=True),
            {"role": "tool", "tool_call_id": call.id, "content": found},
        ],
    )


@workflow(name="answer")
def answer():
    Traceloop.set_association_properties(
        {"user_id": "user-1", "session_id": "sess-1", "plan": "pro"}
    )
    client.chat.completions.create(model="gpt-4o-mini", messages=[QUESTION], temperature=0)
    streamed = client.chat.completions.create(
        model="gpt-5-mini",
        messages=[QUESTION],
        stream=True,
        stream_options={"include_usage": True},
    )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in streamed if chunk.choices)
    resolve()
    client.responses.create(model="gpt-5-mini", input="Where is order 7?")
    client.embeddings.create(model="text-embedding-3-small", input=["order 7"])
    for refused in ("gpt-refused", "gpt-down"):
        with suppress(APIStatusError):
            client.chat.completions.create(model=refused, messages=[QUESTION])
    return {
        "trace_id": f"{trace.get_current_span().get_span_context().trace_id:032x}",
        "streamed": text,
    }


told = answer()
trace.get_tracer_provider().force_flush()
sys.stdout.write(json.dumps(told) + "\n")
