"""Run by langfuse 5 and by langfuse 2: prompts as applications use them; prints one line of JSON.

`GUARDED` names a label that only a review may move.
"""

import json
import os
import sys
import time

import httpx
from langfuse import Langfuse

sent = []
http = httpx.Client(event_hooks={"request": [lambda one: sent.append((one.method, one.url.path))]})
client = Langfuse(httpx_client=http)
is_new = hasattr(client, "start_as_current_observation")  # 3 and later
once = 0 if is_new else 1  # SDK 2 counts tries, and tries for ever with 0
told = {}

NAME = "folder/weather sys"
text = client.create_prompt(
    name=NAME,
    prompt="You are a {{tone}} weather bot.",
    labels=["production", "moving"],
    tags=["weather"],
    config={"model": "gpt-4o-mini", "temperature": 0.2, "stop": None},
    commit_message="first",
)
chat_messages = [
    {"role": "system", "content": "You are {{tone}}."},
    {"role": "user", "content": "Weather in {{city}}?"},
]
if is_new:
    chat_messages.insert(1, {"type": "placeholder", "name": "history"})
client.create_prompt(name="weather-chat", type="chat", prompt=chat_messages, labels=["production"])
told["created"] = [text.version, text.labels, text.tags, text.config, text.commit_message]

got = client.get_prompt(NAME)
told["text"] = [got.name, got.version, got.config, got.compile(tone="kind")]
chat = client.get_prompt("weather-chat", type="chat")
history = {"history": [{"role": "assistant", "content": "In {{city}}?"}]} if is_new else {}
told["chat"] = chat.compile(tone="kind", city="Paris", **history)

# A second version, and its label moved by somebody else: the cache is stale once, then fresh.
client.create_prompt(name=NAME, prompt="You are a very {{tone}} bot.", labels=["staging"])
told["stays"] = client.get_prompt(NAME, label="moving", cache_ttl_seconds=1).version
client.api.prompt_version.update(NAME, 2, new_labels=["moving", "canary"])
told["cached"] = client.get_prompt(NAME, label="moving", cache_ttl_seconds=1).version
time.sleep(1.1)
until = time.monotonic() + 10
while client.get_prompt(NAME, label="moving", cache_ttl_seconds=1).version != 2:
    if time.monotonic() > until:
        raise SystemExit("the label's move was never seen")
    time.sleep(0.1)
told["by_version"] = client.get_prompt(NAME, version=1).labels
told["by_label"] = [client.get_prompt(NAME, label=label).version for label in ("canary", "latest")]
moved = client.update_prompt(name=NAME, version=1, new_labels=["staging"])
told["moved"] = [moved.version, sorted(moved.labels)]
listed = client.api.prompts.list(tag="weather")
told["listed"] = [[one.name, one.versions, sorted(one.labels)] for one in listed.data]
told["pages"] = [listed.meta.total_items, listed.meta.total_pages]

# Another prompt put in.
client.create_prompt(name="tone", prompt="Be brief, {{user}}.", labels=["production"])
tag = "@@@langfusePrompt:name=tone|label=production@@@"
client.create_prompt(name="whole", prompt=f"{tag} Help.", labels=["production"])
told["composed"] = client.get_prompt("whole").compile(user="Ann")

# What is refused is said, and asked once.
guarded = os.environ["GUARDED"]


def refusal(act):
    before = len(sent)
    try:
        act()
    except Exception as error:
        return [type(error).__name__, str(error), len(sent) - before]
    return "it was not refused"


told["create_guarded"] = refusal(
    lambda: client.create_prompt(name=NAME, prompt="Now!", labels=["canary", guarded])
)
told["update_guarded"] = refusal(
    lambda: client.update_prompt(name=NAME, version=1, new_labels=[guarded])
)
told["missing"] = refusal(lambda: client.get_prompt("nope", max_retries=once))
told["fallback"] = client.get_prompt("nope", fallback="so be it", max_retries=once).prompt
told["newest"] = client.get_prompt(NAME, label="latest", cache_ttl_seconds=0).version

away = Langfuse(public_key="pk-away", secret_key="sk-away", host="http://127.0.0.1:9")
told["away"] = away.get_prompt(NAME, fallback="be well", max_retries=once).prompt

if is_new:
    with client.start_as_current_observation(name="answer", as_type="generation", prompt=got):
        told["trace_id"] = client.get_current_trace_id()
else:
    trace = client.trace(name="ask")
    trace.generation(name="answer", prompt=got).end(output="hi")
    told["trace_id"] = trace.id
client.flush()
sys.stdout.write(json.dumps(told) + "\n")
