"""A provider of models on loopback that speaks OpenAI's, Azure's and Anthropic's protocols.

Its usage is fixed and its ids count up. Every answer is noted with the usage it told, so that a
test compares with what was really answered. Faults that are queued befall the next requests.
"""

from __future__ import annotations

import json
import re
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests import provider_messages as messages
from tests.provider_faults import Fault, Request, befall, is_left

CREATED = 1_795_176_000  # 2026-11-20 12:00 UTC


@dataclass(frozen=True)
class Usage:
    """Tokens of a call: cached and written ones are part of the prompt, reasoning of the output."""

    prompt: int
    completion: int = 0
    cached: int = 0
    reasoning: int = 0
    written: int = 0


@dataclass(frozen=True)
class Model:
    """A model by the name it answers with, and the usage of a first and of a later turn."""

    name: str
    first: Usage
    later: Usage


MODELS = {
    "gpt-4o-mini": Model("gpt-4o-mini-2024-07-18", Usage(120, 30, 64), Usage(171, 12, 128)),
    "gpt-4.1": Model("gpt-4.1-2025-04-14", Usage(512, 41, 384), Usage(611, 23, 512)),
    "gpt-5-mini": Model("gpt-5-mini-2025-08-07", Usage(345, 77, 256, 32), Usage(433, 58, 384, 19)),
    "claude-sonnet-4-5": Model(
        "claude-sonnet-4-5-20250929",
        Usage(160, 11, cached=100, written=40),
        Usage(201, 17, cached=140, written=50),
    ),
    "text-embedding-3-small": Model("text-embedding-3-small", Usage(18), Usage(18)),
}
DEPLOYMENTS = {"our-deployment": "gpt-4o-mini"}  # as Azure's customers name them
# Asked for these it answers with an error.
REFUSED = {"gpt-refused": 400, "gpt-down": 500}
ANSWER = "It is on its way."
DONE = "data: [DONE]"
TOOL_ARGUMENTS = '{"order": 7}'


@dataclass(frozen=True)
class Answer:
    """One good answer: its id, the model's full name and what it told of usage."""

    id: str
    model: str
    usage: Usage
    streamed: bool
    system: str = ""


class Provider(ThreadingHTTPServer):
    """The server. `answers` are the good answers so far, `refusals` the statuses of the others.

    `script`, where it is set, gives the message of a chat by the body of its request, a fault, or
    None for the usual answer. `embedder` gives the vector of a text. `requests` are all that came.
    `faults` befall the next ones, each once. `systems` are fingerprints that chats are answered
    under in turn. `left` are the moments (`time.monotonic`) at which a client was seen to have
    hung up.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[Answer] = []
        self.refusals: list[int] = []
        self.requests: list[Request] = []
        self.faults: deque[Fault] = deque()
        self.script: Callable[[dict[str, Any]], dict[str, Any] | Fault | None] | None = None
        self.embedder: Callable[[str], list[float]] = lambda _text: [0.25, -0.5]
        self.left: list[float] = []
        self.systems: list[str] = []
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """What SDKs call the base URL."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def note(self, model: Model, usage: Usage, prefix: str, *, streamed: bool) -> Answer:
        """Give the next id, and keep what is answered."""
        with self._lock:
            number, systems = len(self.answers) + 1, self.systems
            system = systems[number % len(systems)] if systems else ""
            answer = Answer(f"{prefix}-{number:04}", model.name, usage, streamed, system)
            self.answers.append(answer)
        return answer


@contextmanager
def running() -> Iterator[Provider]:
    """One that answers until the end of the block."""
    with Provider() as provider:
        thread = threading.Thread(target=provider.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield provider
        finally:
            provider.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        if self._befallen(None):
            return
        rows = [{"id": name, "object": "model"} for name in MODELS]
        self._json({"object": "list", "data": rows, "has_more": False})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self._befallen(body):
            return None
        azure = re.match(r"/openai/deployments/([^/]+)/(.+)\?api-version=[\d-]+", self.path)
        path = self.path.replace("/openai/v1/", "/v1/")
        if azure:
            path, body = f"/v1/{azure[2]}", {**body, "model": azure[1]}
        model = MODELS.get(DEPLOYMENTS.get(body["model"], body["model"]))
        if model is None:
            status = REFUSED.get(body["model"], 404)
            self.server.refusals.append(status)
            fault = {"message": f"No {body['model']} here.", "type": "refused", "code": "refused"}
            return self._json({"error": fault}, status)
        answer_to = {
            "/v1/chat/completions": self._chat,
            "/v1/responses": self._responses,
            "/v1/embeddings": self._embeddings,
            "/v1/messages": self._messages,
        }[path]
        return answer_to(model, body)

    def _befallen(self, body: dict[str, Any] | None) -> bool:
        """Note the request; True where a fault has answered it."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.requests.append(Request(self.command, self.path, headers, body))
        self._fault = self.server.faults.popleft() if self.server.faults else Fault()
        return befall(self._fault, self)

    def _chat(self, model: Model, body: dict[str, Any]) -> None:
        scripted = self.server.script(body) if self.server.script else None
        if isinstance(scripted, Fault):
            befall(scripted, self)
            return None
        called = any(message["role"] == "tool" for message in body["messages"])
        usage = model.later if called else model.first
        streamed = bool(body.get("stream"))
        answer = self.server.note(model, usage, "chatcmpl", streamed=streamed)
        message: dict[str, Any] = {"role": "assistant", "content": ANSWER}
        if body.get("tools") and not called:
            name = body["tools"][0]["function"]["name"]
            function = {"name": name, "arguments": TOOL_ARGUMENTS}
            calls = [{"id": f"call-{answer.id}", "type": "function", "function": function}]
            message = {"role": "assistant", "content": None, "tool_calls": calls}
        message = dict(scripted or message)
        why = message.pop("why", "tool_calls" if "tool_calls" in message else "stop")
        if streamed:
            with_usage = (body.get("stream_options") or {}).get("include_usage", False)
            chunks = _chunks(answer, message, why, with_usage=with_usage)
            return self._stream([f"data: {json.dumps(chunk)}" for chunk in chunks] + [DONE])
        choice = {"index": 0, "message": message, "finish_reason": why, "logprobs": None}
        head = _head(answer, "chat.completion")
        return self._json({**head, "choices": [choice], "usage": _chat_usage(usage)})

    def _responses(self, model: Model, _body: dict[str, Any]) -> None:
        answer = self.server.note(model, model.first, "resp", streamed=False)
        said = {"type": "output_text", "text": ANSWER, "annotations": []}
        message = {
            "id": f"msg-{answer.id}",
            "type": "message",
            "role": "assistant",
            "status": "completed",
            "content": [said],
        }
        usage = answer.usage
        self._json(
            {
                "id": answer.id,
                "object": "response",
                "created_at": CREATED,
                "model": answer.model,
                "status": "completed",
                "output": [message],
                "parallel_tool_calls": True,
                "tool_choice": "auto",
                "tools": [],
                "usage": {
                    "input_tokens": usage.prompt,
                    "input_tokens_details": {"cached_tokens": usage.cached},
                    "output_tokens": usage.completion,
                    "output_tokens_details": {"reasoning_tokens": usage.reasoning},
                    "total_tokens": usage.prompt + usage.completion,
                },
            }
        )

    def _embeddings(self, model: Model, body: dict[str, Any]) -> None:
        answer = self.server.note(model, model.first, "emb", streamed=False)
        texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
        vectors = [
            {"object": "embedding", "index": index, "embedding": self.server.embedder(text)}
            for index, text in enumerate(texts)
        ]
        tokens = {"prompt_tokens": answer.usage.prompt, "total_tokens": answer.usage.prompt}
        self._json({"object": "list", "data": vectors, "model": answer.model, "usage": tokens})

    def _messages(self, model: Model, body: dict[str, Any]) -> None:
        streamed = bool(body.get("stream"))
        answer = self.server.note(model, model.first, "msg", streamed=streamed)
        if not streamed:
            return self._json(messages.message(answer, ANSWER))
        events = messages.events(answer, ANSWER)
        return self._stream([f"event: {it['type']}\ndata: {json.dumps(it)}" for it in events])

    def _json(self, document: dict[str, Any], status: int = 200) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, lines: list[str]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()  # HTTP/1.0: the end of the connection is that of the answer
        for place, line in enumerate(lines):
            if place == self._fault.cut_after or is_left(self, self._fault.pause):
                return
            self.wfile.write(f"{line}\n\n".encode())
            self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:
        """Write nothing: tests look at `answers`."""


def _head(answer: Answer, kind: str) -> dict[str, Any]:
    head = {"id": answer.id, "object": kind, "created": CREATED, "model": answer.model}
    return {**head, "system_fingerprint": answer.system} if answer.system else head


def _chat_usage(usage: Usage) -> dict[str, Any]:
    return {
        "prompt_tokens": usage.prompt,
        "completion_tokens": usage.completion,
        "total_tokens": usage.prompt + usage.completion,
        "prompt_tokens_details": {"cached_tokens": usage.cached, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning, "audio_tokens": 0},
    }


def _chunks(
    answer: Answer, message: dict[str, Any], why: str, *, with_usage: bool
) -> list[dict[str, Any]]:
    """A streamed answer: the role, its text word by word or its tool calls, the end, the usage."""
    if message["content"] is None:
        parts = [{"tool_calls": [{"index": 0, **call}]} for call in message["tool_calls"]]
    else:
        parts = [{"content": word} for word in message["content"].split(" ")]
        parts[1:] = [{"content": f" {part['content']}"} for part in parts[1:]]
    deltas = [({"role": "assistant", "content": ""}, None), *((part, None) for part in parts)]
    deltas.append(({}, why))
    head = _head(answer, "chat.completion.chunk")
    chunks: list[dict[str, Any]] = [
        {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": end}]}
        for delta, end in deltas
    ]
    if with_usage:
        chunks.append({**head, "choices": [], "usage": _chat_usage(answer.usage)})
    return chunks
