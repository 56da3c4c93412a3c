"""The texts of onboarding's snippets; `{address}`, `{public}` and `{secret}` are filled in."""

PYTHON = """\
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.genai.openai import OpenAIInstrumentor

provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(
    endpoint="{address}/v1/traces",
    headers={"authorization": "Bearer {secret}"})))
trace.set_tracer_provider(provider)
OpenAIInstrumentor().instrument()"""

# OpenInference's instrumentation because OpenTelemetry's own knows openai up to 6 alone, and
# neither sees through `import` without being handed the class.
TYPESCRIPT = """\
import { NodeSDK } from "@opentelemetry/sdk-node";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { OpenAIInstrumentation } from "@arizeai/openinference-instrumentation-openai";
import OpenAI from "openai";

const traceExporter = new OTLPTraceExporter({
  url: "{address}/v1/traces",
  headers: { authorization: "Bearer {secret}" },
});
const sdk = new NodeSDK({ traceExporter, metricReaders: [] });
sdk.start();
new OpenAIInstrumentation().manuallyInstrument(OpenAI);"""

OPENTELEMETRY = """\
export OTEL_EXPORTER_OTLP_PROTOCOL="http/protobuf"
export OTEL_EXPORTER_OTLP_ENDPOINT="{address}"
export OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20{secret}"
export OTEL_SERVICE_NAME="my-feature"
export OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT="SPAN_ONLY\""""

LANGFUSE = """\
from langfuse import Langfuse
from langfuse.openai import openai

langfuse = Langfuse(
    base_url="{address}",
    public_key="{public}",
    secret_key="{secret}",
)"""

OPENINFERENCE = """\
from phoenix.otel import register

register(
    endpoint="{address}/v1/traces",
    headers={"authorization": "Bearer {secret}"},
    protocol="http/protobuf",
    batch=True,
    auto_instrument=True,
)"""

LITELLM = """\
import os
import litellm

os.environ["LANGFUSE_OTEL_HOST"] = "{address}"
os.environ["LANGFUSE_PUBLIC_KEY"] = "{public}"
os.environ["LANGFUSE_SECRET_KEY"] = "{secret}"
litellm.callbacks = ["langfuse_otel"]"""

VERCEL = """\
import { registerTelemetry } from "ai";
import { OpenTelemetry } from "@ai-sdk/otel";
import { NodeSDK } from "@opentelemetry/sdk-node";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";

const traceExporter = new OTLPTraceExporter({
  url: "{address}/v1/traces",
  headers: { authorization: "Bearer {secret}" },
});
const sdk = new NodeSDK({ traceExporter, metricReaders: [] });
sdk.start();
registerTelemetry(new OpenTelemetry());"""

CURL = """\
curl {address}/api/v1/traces \\
  -H "Authorization: Bearer {secret}" \\
  -H "Content-Type: application/json" \\
  -d '{"name": "hello", "spans": [{"name": "chat", "kind": "generation",
       "model": "gpt-4o-mini", "start_time": "'$(date -u +%FT%TZ)'",
       "end_time": "'$(date -u +%FT%TZ)'",
       "input": "Are you there?", "output": "Yes.",
       "tokens": {"input_total": 5, "output_total": 2}}]}'"""
