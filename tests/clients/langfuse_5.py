"""Run by langfuse 5 alone: traces, scores, reads; prints what it got as one line of JSON.

Address and keys are in the environment, as users have them there.
"""

import json
import sys
import time

from langfuse import Langfuse, propagate_attributes
from langfuse.media import LangfuseMedia


def until(read, is_there):
    """The first answer of `read` that is as wanted, within five seconds."""
    for _ in range(50):
        found = read()
        if is_there(found):
            return found
        time.sleep(0.1)
    raise SystemExit(f"not there: {found}")


client = Langfuse(release="rel-1", environment="staging")
told = {"auth": client.auth_check(), "health": client.api.health.health().status}

with client.start_as_current_observation(name="agent", as_type="agent", input={"q": "hi"}) as root:
    with propagate_attributes(
        user_id="user-1", session_id="sess-1", tags=["beta"], metadata={"plan": "pro"}
    ):
        trace_id = root.trace_id
        with client.start_as_current_observation(
            name="answer",
            as_type="generation",
            model="gpt-4o",
            input=[{"role": "user", "content": "hi"}],
        ) as call:
            call.update(
                output="hello",
                usage_details={"input": 100, "output": 20, "input_cached_tokens": 40, "total": 160},
            )
            call.score(name="helpfulness", value=0.9, comment="good")
        picture = LangfuseMedia(
            content_bytes=b"\x89PNG\r\n\x1a\n" + bytes(60), content_type="image/png"
        )
        with client.start_as_current_observation(name="look", input={"picture": picture}):
            pass
    root.update(output="hello")
client.create_score(name="thumbs", value=1, data_type="BOOLEAN", trace_id=trace_id)
client.create_score(name="verdict", value="correct", data_type="CATEGORICAL", trace_id=trace_id)
client.create_score(name="mood", value=3, session_id="sess-1")
client.flush()
told["trace_id"] = trace_id
media = until(lambda: client.api.media.get(picture._media_id), lambda found: found.uploaded_at)
told["media"] = [media.content_type, media.content_length]
told["url"] = client.get_trace_url(trace_id=trace_id)

scores = until(
    lambda: client.api.scores.get_many(limit=50, fields="details,subject").data,
    lambda found: len(found) == 4,
)
told["scores"] = sorted([s.name, s.data_type, s.value, s.subject.kind] for s in scores)
pages = client.api.scores.get_many(limit=3)
rest = client.api.scores.get_many(limit=3, cursor=pages.meta.cursor)
told["paged"] = [len(pages.data), len(rest.data), rest.meta.cursor]

fields = "core,basic,time,io,metadata,model,usage,prompt,metrics,trace_context"
found = until(
    lambda: client.api.observations.get_many(trace_id=trace_id, fields=fields).data,
    lambda found: len(found) == 3,
)
told["observations"] = sorted(
    [o.type, o.name, o.model, o.usage_details, o.output, o.environment, o.session_id]
    for o in found
    if o.name != "look"
)
[shown] = [o.input for o in found if o.name == "look"]
told["shown"] = shown
first = client.api.observations.get_many(limit=1)
second = client.api.observations.get_many(limit=1, cursor=first.meta.cursor)
told["cursor"] = [first.data[0].name, second.data[0].name]
condition = {"type": "string", "column": "name", "operator": "starts with", "value": "ans"}
narrowed = client.api.observations.get_many(filter=json.dumps([condition]))
told["narrowed"] = [o.name for o in narrowed.data]
told["prompt"] = client.get_prompt("none", fallback="so be it").prompt
client.shutdown()
sys.stdout.write(json.dumps(told) + "\n")
