"""Run by langfuse 2 alone: traces by ingestion, scores, reads; prints one line of JSON."""

import json
import sys

from langfuse import Langfuse
from langfuse.decorators import langfuse_context, observe

client = Langfuse(release="rel-1", environment="staging")
told = {"auth": client.auth_check()}

trace = client.trace(
    id="trace-1",
    name="weather",
    user_id="user-1",
    session_id="sess-1",
    tags=["beta"],
    metadata={"plan": "pro"},
    input={"q": "hi"},
    public=True,
)
work = trace.span(name="work", input="a")
call = work.generation(name="answer", model="gpt-4o", input=[{"role": "user", "content": "hi"}])
call.end(output="hello", usage={"input": 100, "output": 20, "unit": "TOKENS"})
work.event(name="miss")
work.end(output="b", level="ERROR", status_message="boom")
trace.update(output="hello")
client.score(trace_id="trace-1", observation_id=call.id, name="helpfulness", value=0.9)
client.score(trace_id="trace-1", name="verdict", value="correct", data_type="CATEGORICAL")
client.flush()


@observe()
def outer():
    langfuse_context.update_current_trace(user_id="user-2", tags=["dec"])
    return inner()


@observe(as_type="generation")
def inner():
    langfuse_context.update_current_observation(model="o4-mini", usage_details={"input": 7})
    return "done"


outer()
langfuse_context.flush()

got = client.get_trace("trace-1")
told["trace"] = [got.name, got.user_id, got.session_id, got.tags, got.metadata, got.input]
told["more"] = [got.output, got.release, got.public, got.environment, got.html_path]
told["observations"] = sorted(
    [o.type, o.name, o.level, o.model, o.usage.input, o.usage.output] for o in got.observations
)
told["scores"] = sorted([s.name, s.value] for s in got.scores)
listed = client.get_traces(limit=1)
told["traces"] = [listed.meta.total_items, listed.meta.total_pages, len(listed.data)]
told["mine"] = [one.id for one in client.get_traces(user_id="user-1", tags=["beta"]).data]
told["calls"] = sorted(o.name for o in client.get_generations().data)
told["one"] = client.get_observation(call.id).name
told["sessions"] = [one.id for one in client.client.sessions.list().data]
told["session"] = [one.id for one in client.client.sessions.get("sess-1").traces]
told["listed_scores"] = sorted(one.name for one in client.client.score.get().data)
client.shutdown()
sys.stdout.write(json.dumps(told) + "\n")
