"""Run alone: Anthropic's client, which sends spans of its own; prints the ids of its traces.

INSTRUMENTED: whether OpenInference's instrumentation tells the same calls too.
"""

import json
import os
import sys
from contextlib import suppress

from anthropic import Anthropic, APIStatusError
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
trace.set_tracer_provider(provider)
if os.environ.get("INSTRUMENTED"):
    from openinference.instrumentation.anthropic import AnthropicInstrumentor

    AnthropicInstrumentor().instrument(tracer_provider=provider)
client = Anthropic(max_retries=0)

QUESTION = {"role": "user", "content": "Where is order 7?"}
WHO = {"user.id": "user-1", "session.id": "sess-1"}


def ask(model="claude-sonnet-4-5", **more):
    return client.messages.create(model=model, max_tokens=99, messages=[QUESTION], **more)


with trace.get_tracer("app").start_as_current_span("support", attributes=WHO) as root:
    ask(system="Be brief.")
    text = "".join(
        event.delta.text for event in ask(stream=True) if event.type == "content_block_delta"
    )
    for refused in ("gpt-refused", "gpt-down"):
        with suppress(APIStatusError):
            ask(refused)
provider.shutdown()
trace_id = f"{root.get_span_context().trace_id:032x}"
sys.stdout.write(json.dumps({"trace_id": trace_id, "streamed": text}) + "\n")
