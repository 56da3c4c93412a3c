"""What to paste to send the first trace, by language, complete with address and key. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

SECRET_PLACE = "sk-rw-…"  # noqa: S105  (stands where the secret is not known any more)

_PYTHON = """\
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.openai_v2 import OpenAIInstrumentor

provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(
    endpoint="{address}/v1/traces",
    headers={{"authorization": "Bearer {secret}"}})))
trace.set_tracer_provider(provider)
OpenAIInstrumentor().instrument()"""

_TYPESCRIPT = """\
import {{ NodeSDK }} from "@opentelemetry/sdk-node";
import {{ OTLPTraceExporter }} from "@opentelemetry/exporter-trace-otlp-proto";
import {{ OpenAIInstrumentation }} from "@opentelemetry/instrumentation-openai";

new NodeSDK({{
  traceExporter: new OTLPTraceExporter({{
    url: "{address}/v1/traces",
    headers: {{ authorization: "Bearer {secret}" }},
  }}),
  instrumentations: [new OpenAIInstrumentation()],
}}).start();"""

_OTEL = """\
export OTEL_EXPORTER_OTLP_PROTOCOL="http/protobuf"
export OTEL_EXPORTER_OTLP_ENDPOINT="{address}"
export OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20{secret}"
export OTEL_SERVICE_NAME="my-feature" """.rstrip()

_CURL = """\
curl {address}/api/v1/traces \\
  -H "Authorization: Bearer {secret}" \\
  -H "Content-Type: application/json" \\
  -d '{{"name": "hello", "spans": [{{"name": "chat", "kind": "generation",
       "model": "gpt-4o-mini", "start_time": "'$(date -u +%FT%TZ)'",
       "end_time": "'$(date -u +%FT%TZ)'",
       "input": "Are you there?", "output": "Yes.",
       "tokens": {{"input_total": 5, "output_total": 2}}}}]}}'"""

_WORDS = re.compile(
    r"(?P<s>\"[^\"\n]*\"|'[^'\n]*')|(?P<k>(?<![.\w])(?:from|import|export|new|const|curl)\b)|(?P<t>.)",
    re.S,
)


@dataclass(frozen=True)
class Snippet:
    """One language: what to install, what to paste, what it sends."""

    name: str
    word: str
    install: str
    text: str
    note: str
    code: str = ""  # an environment variable that the note names

    @property
    def element(self) -> str:
        """Id of the element that holds the text."""
        return f"snippet-{self.name}"

    def marked(self) -> SafeString:
        """The text with keywords and strings set off; everything in it is escaped."""
        parts: list[list[str]] = []
        for match in _WORDS.finditer(self.text):
            kind = match.lastgroup or "t"
            if parts and parts[-1][0] == kind == "t":
                parts[-1][1] += match[0]
            else:
                parts.append([kind, match[0]])
        return format_html_join("", "{}", ((_span(kind, text),) for kind, text in parts))


def _span(kind: str, text: str) -> str | SafeString:
    return text if kind == "t" else format_html('<span class="{}">{}</span>', kind, text)


def snippets(address: str, secret: str = "") -> list[Snippet]:
    """Every language, with `secret` filled in, or its place where it cannot be shown again."""
    values = {"address": address, "secret": secret or SECRET_PLACE}
    content = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true"
    return [
        Snippet(
            "python",
            "Python",
            "pip install opentelemetry-sdk opentelemetry-exporter-otlp-proto-http "
            "opentelemetry-instrumentation-openai-v2",
            _PYTHON.format(**values),
            "Model, tokens, time and errors of every OpenAI call; messages too once this is set:",
            content,
        ),
        Snippet(
            "typescript",
            "TypeScript",
            "npm install @opentelemetry/sdk-node @opentelemetry/exporter-trace-otlp-proto "
            "@opentelemetry/instrumentation-openai",
            _TYPESCRIPT.format(**values),
            "Model, tokens, time and errors of every OpenAI call; messages too once this is set:",
            content,
        ),
        Snippet(
            "otel",
            "OpenTelemetry",
            "",
            _OTEL.format(**values),
            "For any program that OpenTelemetry, OpenInference or OpenLLMetry instruments.",
        ),
        Snippet(
            "curl",
            "curl",
            "",
            _CURL.format(**values),
            "One made-up call, to see that the way is open.",
        ),
    ]
