"""Run alone: OpenAI's client under OpenTelemetry's own instrumentation, content in log events."""

import json
import sys
from contextlib import suppress

from openai import APIStatusError, OpenAI
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.genai.openai import OpenAIInstrumentor
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

provider, logs = TracerProvider(), LoggerProvider()
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
logs.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))
OpenAIInstrumentor().instrument(tracer_provider=provider, logger_provider=logs)
client = OpenAI(max_retries=0)
tracer = provider.get_tracer("app")

QUESTION = {"role": "user", "content": "Where is order 7?"}
PARAMETERS = {"type": "object", "properties": {"order": {"type": "integer"}}}
LOOKUP = {"type": "function", "function": {"name": "lookup", "parameters": PARAMETERS}}
WHO = {"user.id": "user-1", "session.id": "sess-1"}

with tracer.start_as_current_span("support", attributes=WHO) as root:
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
# The events first, then their spans: either order must do.
logs.shutdown()
provider.shutdown()
told = {"trace_id": f"{root.get_span_context().trace_id:032x}", "streamed": text}
sys.stdout.write(json.dumps(told) + "\n")
