"""What to paste to send the first trace, by SDK, complete with address and key. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from traces.pages import snippet_texts as texts

# They stand where a key is not known (any more).
PUBLIC_PLACE = "pk-rw-…"
SECRET_PLACE = "sk-rw-…"  # noqa: S105

_WORDS = re.compile(
    r"(?P<s>\"[^\"\n]*\"|'[^'\n]*')|(?P<k>(?<![.\w])(?:from|import|export|new|const|curl)\b)|(?P<t>.)",
    re.S,
)


@dataclass(frozen=True)
class Snippet:
    """One SDK: what to install, what to paste, what it sends, how to keep content back."""

    name: str
    word: str
    install: str
    text: str
    note: str
    mask: str
    code: str = ""  # a setting that `note` names
    mask_code: str = ""  # the setting that `mask` names

    @property
    def element(self) -> str:
        """Id of the element that holds the text."""
        return f"snippet-{self.name}"

    @property
    def install_element(self) -> str:
        """Id of the element that holds the install line."""
        return f"install-{self.name}"

    @property
    def install_words(self) -> str:
        """What the install line is called."""
        return f"the install line for {self.word}"

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


def snippets(address: str, secret: str = "", public: str = "") -> list[Snippet]:
    """Every SDK, with address and keys filled in, or a key's place where it cannot be shown."""
    values = {
        "{address}": address,
        "{public}": public or PUBLIC_PLACE,
        "{secret}": secret or SECRET_PLACE,
    }

    def filled(text: str) -> str:
        for place, value in values.items():
            text = text.replace(place, value)
        return text

    return [
        Snippet(
            "python",
            "Python",
            "pip install openai opentelemetry-sdk opentelemetry-exporter-otlp-proto-http "
            "opentelemetry-instrumentation-genai-openai",
            filled(texts.PYTHON),
            "Model, tokens, time and errors of every OpenAI call; messages too once this is set:",
            "Masked until then.",
            code="OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=SPAN_ONLY",
        ),
        Snippet(
            "typescript",
            "TypeScript",
            "npm install openai @opentelemetry/sdk-node @opentelemetry/exporter-trace-otlp-proto "
            "@arizeai/openinference-instrumentation-openai",
            filled(texts.TYPESCRIPT),
            "Model, tokens, time, errors and messages of every OpenAI call; "
            "a short program ends with await sdk.shutdown().",
            "To mask messages, give OpenAIInstrumentation this:",
            mask_code="{ traceConfig: { hideInputs: true, hideOutputs: true } }",
        ),
        Snippet(
            "otel",
            "OpenTelemetry",
            "",
            filled(texts.OPENTELEMETRY),
            "Model, tokens, time, errors and messages, from any program that OpenTelemetry, "
            "OpenInference or OpenLLMetry instruments.",
            "To mask messages, leave the last line out; for OpenInference set:",
            mask_code="OPENINFERENCE_HIDE_INPUTS=true OPENINFERENCE_HIDE_OUTPUTS=true",
        ),
        Snippet(
            "langfuse",
            "Langfuse",
            "pip install langfuse openai",
            filled(texts.LANGFUSE),
            "Model, tokens, time, errors and messages of every OpenAI call, "
            "and of what you observe yourself.",
            "To mask messages, give Langfuse this, or a function of yours:",
            mask_code='mask=lambda *, data, **_: "***"',
        ),
        Snippet(
            "openinference",
            "OpenInference",
            "pip install arize-phoenix-otel openinference-instrumentation-openai openai",
            filled(texts.OPENINFERENCE),
            "Model, tokens, time, errors and messages of every library whose "
            "openinference-instrumentation package is installed.",
            "To mask messages, set:",
            mask_code="OPENINFERENCE_HIDE_INPUTS=true OPENINFERENCE_HIDE_OUTPUTS=true",
        ),
        Snippet(
            "litellm",
            "LiteLLM",
            "pip install litellm opentelemetry-sdk opentelemetry-exporter-otlp-proto-http",
            filled(texts.LITELLM),
            "Model, tokens, time, errors and messages of every call, whoever the provider is.",
            "To mask messages:",
            mask_code="litellm.turn_off_message_logging = True",
        ),
        Snippet(
            "vercel",
            "Vercel AI",
            "npm install ai @ai-sdk/openai @ai-sdk/otel @opentelemetry/sdk-node "
            "@opentelemetry/exporter-trace-otlp-proto",
            filled(texts.VERCEL),
            "Model, tokens, time, errors and messages of every call and its steps; "
            "in Next.js it goes into register() of instrumentation.ts.",
            "To mask messages, give a call this:",
            mask_code="telemetry: { recordInputs: false, recordOutputs: false }",
        ),
        Snippet(
            "curl",
            "curl",
            "",
            filled(texts.CURL),
            "One made-up call, to see that the way is open.",
            "Nothing is sent but what stands here.",
        ),
    ]
