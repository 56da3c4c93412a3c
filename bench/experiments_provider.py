"""A provider that costs little and answers after a while: the same to the same question.

    python -m bench.experiments_provider PORT SECONDS

It counts what it was paid for: `GET /paid` gives the number of answers by question.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter

USAGE = {"prompt_tokens": 120, "completion_tokens": 30, "total_tokens": 150}
GOOD, BAD = "It is on its way.", "Nobody knows."


def answer_to(question: str) -> str:
    """Two of three are good."""
    number = int("".join(filter(str.isdigit, question)) or 0)
    return BAD if number % 3 == 0 else GOOD


class Server:
    """Answers chat completions, each `seconds` after it was asked."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._paid: Counter[str] = Counter()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, kept while the client wants."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                body = await reader.readexactly(_length(head))
                if head.startswith(b"GET"):
                    told = json.dumps(self._paid)
                else:
                    question = json.loads(body)["messages"][-1]["content"]
                    self._paid[question] += 1  # asked is paid, whoever is there for the answer
                    told = _completion(answer_to(question), sum(self._paid.values()))
                    await asyncio.sleep(self._seconds)
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                    b"Content-Length: %d\r\n\r\n%s" % (len(told), told.encode())
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


def _completion(text: str, number: int) -> str:
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    return json.dumps({
        "id": f"chatcmpl-{number}", "object": "chat.completion", "created": 1_795_176_000,
        "model": "gpt-4o-mini-2024-07-18", "choices": [choice], "usage": USAGE,
    })  # fmt: skip


async def main(port: int, seconds: float) -> None:
    """Serve for ever."""
    listening = await asyncio.start_server(Server(seconds).serve, "127.0.0.1", port, backlog=512)
    async with listening:
        await listening.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
