"""Run alone: LiteLLM with the callback named in CALLBACK; prints what it streamed.

LITELLM_LOCAL_MODEL_COST_MAP keeps it from asking the network for prices. `otel` knows no sessions:
with it the calls are made within a span of the program's own, as a program with traces would.
"""

import json
import os
import sys
from contextlib import suppress

import litellm
from litellm.litellm_core_utils.thread_pool_executor import executor
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

QUESTION = {"role": "user", "content": "Where is order 7?"}
PARAMETERS = {"type": "object", "properties": {"order": {"type": "integer"}}}
LOOKUP = {"type": "function", "function": {"name": "lookup", "parameters": PARAMETERS}}


def who():
    """A new one for every call: LiteLLM marks it as exported."""
    return {
        "trace_user_id": "user-1",
        "session_id": "sess-1",
        "tags": ["beta"],
        "generation_name": "answer",
    }


def call(model, **more):
    return litellm.completion(
        f"openai/{model}", messages=[QUESTION], max_retries=0, num_retries=0, metadata=who(), **more
    )


def calls():
    call("gpt-4o-mini", temperature=0)
    streamed = call("gpt-5-mini", stream=True, stream_options={"include_usage": True})
    text = "".join(chunk.choices[0].delta.content or "" for chunk in streamed)
    call("gpt-4.1", tools=[LOOKUP])
    litellm.embedding("openai/text-embedding-3-small", input=["order 7"], metadata=who())
    for refused in ("gpt-refused", "gpt-down"):
        with suppress(litellm.exceptions.InternalServerError, litellm.exceptions.BadRequestError):
            call(refused)
    return text


litellm.suppress_debug_info = True
litellm.callbacks = [os.environ["CALLBACK"]]
if os.environ["CALLBACK"] == "otel":
    trace.set_tracer_provider(TracerProvider())
    trace.get_tracer_provider().add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    with trace.get_tracer("app").start_as_current_span("request") as root:
        root.set_attributes({"user.id": "user-1", "session.id": "sess-1"})
        text = calls()
else:
    text = calls()
executor.shutdown(wait=True)  # its callbacks run in threads; the exporters end with the program
sys.stdout.write(json.dumps({"streamed": text}) + "\n")
