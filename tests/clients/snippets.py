"""Runs the snippets of onboarding as pasted: their very text, then the one call of a program."""

from __future__ import annotations

import os
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.clients import RUN_SECONDS, python_of
from tests.clients.node import NODE, modules_of

MODEL, QUESTION = "gpt-4o-mini", "Will it rain in Oslo?"
_MESSAGES = f'[{{"role": "user", "content": "{QUESTION}"}}]'

_OPENAI = f"""
from openai import OpenAI
OpenAI().chat.completions.create(model="{MODEL}", messages={_MESSAGES})
"""
_NODE_OPENAI = f"""
await new OpenAI().chat.completions.create({{ model: "{MODEL}", messages: {_MESSAGES} }});
await sdk.shutdown();
"""
# Programs of users who set nothing but variables.
_STOCK_PYTHON = f"""
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.genai.openai import OpenAIInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
OpenAIInstrumentor().instrument(tracer_provider=provider)
{_OPENAI}
"""
_STOCK_NODE = f"""
import {{ NodeSDK }} from "@opentelemetry/sdk-node";
import {{ OpenAIInstrumentation }} from "@arizeai/openinference-instrumentation-openai";
import OpenAI from "openai";
const sdk = new NodeSDK();
sdk.start();
new OpenAIInstrumentation().manuallyInstrument(OpenAI);
{_NODE_OPENAI}
"""
_VERCEL = f"""
import {{ generateText }} from "ai";
import {{ openai }} from "@ai-sdk/openai";
await generateText({{ model: openai("{MODEL}"), prompt: "{QUESTION}" }});
await sdk.shutdown();
"""


@dataclass(frozen=True)
class Program:
    """What a user adds to a snippet, and where its packages are."""

    packages: str  # the lock, or the folder with one, in tests/clients
    call: str
    runs: str = "python"  # or node
    # Where the mask goes that the page names: what is replaced, and by what. None: a variable.
    masks: tuple[str, str] | None = None


PROGRAMS = {
    "python": Program("snippet-python", _OPENAI),
    "typescript": Program(
        "snippet-typescript",
        _NODE_OPENAI,
        runs="node",
        masks=("new OpenAIInstrumentation()", "new OpenAIInstrumentation({mask})"),
    ),
    "langfuse": Program(
        "snippet-langfuse",
        f'openai.chat.completions.create(model="{MODEL}", messages={_MESSAGES})',
        masks=("Langfuse(\n", "Langfuse(\n    {mask},\n"),
    ),
    "openinference": Program("snippet-openinference", _OPENAI),
    "litellm": Program(
        "snippet-litellm",
        f'litellm.completion(model="openai/{MODEL}", messages={_MESSAGES})',
        masks=("litellm.completion", "{mask}\nlitellm.completion"),
    ),
    "vercel": Program("snippet-vercel", _VERCEL, runs="node", masks=("prompt:", "{mask}, prompt:")),
}
# What runs under the variables of the snippet that has nothing else.
STOCK = {
    "python": Program("snippet-python", _STOCK_PYTHON),
    "node": Program("snippet-typescript", _STOCK_NODE, runs="node"),
}


def run(
    program: Program, text: str, folder: Path, provider: str, mask: str = "", **sets: str
) -> None:
    """Run `text` and the call behind it; `mask` is put where the page says, `sets` are variables.

    `provider` is the base address of whoever answers the calls.
    """
    whole = f"{text}\n{program.call}\n"
    if mask and program.masks:
        before, after = program.masks
        assert whole.count(before) == 1
        whole = whole.replace(before, after.replace("{mask}", mask))
    elif mask:
        sets |= variables(mask)
    script = folder / ("program.mts" if program.runs == "node" else "program.py")
    script.write_text(whole)
    _succeed([*_starts(program, folder), str(script)], folder, provider, sets)


def run_under(program: Program, exports: str, folder: Path, provider: str) -> None:
    """Paste `exports` into a shell and start the program in it."""
    script = folder / ("program.mts" if program.runs == "node" else "program.py")
    script.write_text(program.call)
    started = shlex.join(["exec", *_starts(program, folder), str(script)])
    _succeed(["sh", "-c", f"{exports}\n{started}"], folder, provider, {})


def paste(text: str, folder: Path) -> None:
    """Paste `text` into a shell."""
    _succeed(["sh", "-c", text], folder, "", {})


def variables(words: str) -> dict[str, str]:
    """`A=1 B=2` as variables."""
    return dict(word.split("=", 1) for word in words.split())


def _starts(program: Program, folder: Path) -> list[str]:
    """The interpreter; the packages stand beside the script in Node."""
    if program.runs == "python":
        return [str(python_of(program.packages))]
    (folder / "node_modules").symlink_to(modules_of(program.packages))
    return [str(NODE)]


def _succeed(command: list[str], folder: Path, provider: str, sets: dict[str, str]) -> None:
    done = subprocess.run(
        command,
        cwd=folder,
        env={
            # Nothing of the tests' own packages and settings.
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            "OPENAI_API_KEY": "sk-test",
            "OPENAI_BASE_URL": provider,
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # else it asks the internet for prices
            "NO_PROXY": "*",
            **sets,
        },
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
    )
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
