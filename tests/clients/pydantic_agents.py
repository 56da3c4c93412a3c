"""Run alone: agents of pydantic-ai, one with a tool that asks another agent; prints their trace."""

import asyncio
import json
import sys
from contextlib import suppress

from openai import AsyncOpenAI
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from pydantic_ai import Agent
from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.models.instrumented import InstrumentationSettings
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
Agent.instrument_all(InstrumentationSettings(tracer_provider=provider))
openai = OpenAIProvider(openai_client=AsyncOpenAI(max_retries=0))
tracer = provider.get_tracer("app")


def model(name):
    return OpenAIChatModel(name, provider=openai)


helper = Agent(model("gpt-4o-mini"), name="helper", instructions="Answer briefly.")
support = Agent(model("gpt-4.1"), name="support")


@support.tool_plain
async def lookup(order: int) -> str:
    """Ask the other agent where an order is."""
    return (await helper.run(f"Where is order {order}?")).output


async def streamed():
    writer = Agent(model("gpt-5-mini"), name="writer")
    async with writer.run_stream("Write to the customer.") as run:
        return await run.get_output()


async def refused(name):
    with suppress(ModelHTTPError):
        await Agent(model(name), name="unlucky").run("Where is order 7?")


async def main():
    with tracer.start_as_current_span("request") as root:
        root.set_attributes({"user.id": "user-1", "session.id": "sess-1"})
        answer = (await support.run("Where is order 7?")).output
        text = await streamed()
        await refused("gpt-refused")
        await refused("gpt-down")
    trace_id = f"{root.get_span_context().trace_id:032x}"
    return {"trace_id": trace_id, "answer": answer, "streamed": text}


told = asyncio.run(main())
provider.shutdown()
sys.stdout.write(json.dumps(told) + "\n")
