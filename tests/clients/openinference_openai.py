"""Run alone: OpenAI's client under OpenInference's instrumentation; prints the id of its trace."""

import json
import sys
from contextlib import suppress

from openai import APIStatusError, OpenAI
from openinference.instrumentation import using_attributes
from openinference.instrumentation.openai import OpenAIInstrumentor
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
OpenAIInstrumentor().instrument(tracer_provider=provider)
client = OpenAI(max_retries=0)
tracer = provider.get_tracer("app")

QUESTION = {"role": "user", "content": "Where is order 7?"}
PARAMETERS = {"type": "object", "properties": {"order": {"type": "integer"}}}
LOOKUP = {"type": "function", "function": {"name": "lookup", "parameters": PARAMETERS}}
AGENT = {"openinference.span.kind": "AGENT"}

with (
    tracer.start_as_current_span(
        "support", attributes={"openinference.span.kind": "AGENT"}
    ) as root,
    using_attributes(
        user_id="user-1", session_id="sess-1", tags=["beta"], metadata={"plan": "pro"}
    ),
):
    client.chat.completions.create(model="gpt-4o-mini", messages=[QUESTION], temperature=0)
    streamed = client.chat.completions.create(
        model="gpt-5-mini",
        messages=[QUESTION],
        stream=True,
        stream_options={"include_usage": True},
    )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in streamed if chunk.choices)
    asked = client.chat.completions.create(model="gpt-4.1", messages=[QUESTION], tools=[LOOKUP])
    message = asked.choices[0].message
    client.chat.completions.create(
        model="gpt-4.1",
        tools=[LOOKUP],
        messages=[
            QUESTION,
            message.model_dump(exclude_none=True),
            {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": "on its way"},
        ],
    )
    client.responses.create(model="gpt-5-mini", input="Where is order 7?")
    client.embeddings.create(model="text-embedding-3-small", input=["order 7"])
    for refused in ("gpt-refused", "gpt-down"):
        with suppress(APIStatusError):
            client.chat.completions.create(model=refused, messages=[QUESTION])
provider.shutdown()
told = {"trace_id": f"{root.get_span_context().trace_id:032x}", "streamed": text}
sys.stdout.write(json.dumps(told) + "\n")
