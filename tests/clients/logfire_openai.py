"""Run alone: OpenAI's client under logfire, which tells a streamed call in two spans; prints it."""

import json
import sys
from contextlib import suppress

import logfire
from openai import APIStatusError, OpenAI

# By itself it replaces the value of every attribute whose name holds "session".
logfire.configure(
    send_to_logfire=False,
    console=False,
    service_name="support",
    environment="ci",
    scrubbing=logfire.ScrubbingOptions(callback=lambda match: match.value),
)
client = OpenAI(max_retries=0)
logfire.instrument_openai(client)

QUESTION = {"role": "user", "content": "Where is order 7?"}
PARAMETERS = {"type": "object", "properties": {"order": {"type": "integer"}}}
LOOKUP = {"type": "function", "function": {"name": "lookup", "parameters": PARAMETERS}}
WHO = {"user.id": "user-1", "session.id": "sess-1"}

with logfire.span("support", plan="pro", **WHO) as root:
    client.chat.completions.create(model="gpt-4o-mini", messages=[QUESTION], temperature=0)
    streamed = client.chat.completions.create(
        model="gpt-5-mini",
        messages=[QUESTION],
        stream=True,
        stream_options={"include_usage": True},
    )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in streamed if chunk.choices)
    client.chat.completions.create(model="gpt-4.1", messages=[QUESTION], tools=[LOOKUP])
    client.responses.create(model="gpt-5-mini", input="Where is order 7?")
    client.embeddings.create(model="text-embedding-3-small", input=["order 7"])
    for refused in ("gpt-refused", "gpt-down"):
        with suppress(APIStatusError):
            client.chat.completions.create(model=refused, messages=[QUESTION])
trace_id = f"{root.get_span_context().trace_id:032x}"
logfire.shutdown()
sys.stdout.write(json.dumps({"trace_id": trace_id, "streamed": text}) + "\n")
