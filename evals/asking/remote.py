"""The gates of a project on a server, over REST, with a key of the scope evals."""

from __future__ import annotations

from typing import Any

import httpx

from evals.asking.asked import Refused, RunTold

PATIENCE_S = 60.0
TRIES = 5  # a server that restarts answers again within some seconds
_AGAIN = frozenset({429, 502, 503, 504})


class RemoteGatekeeper:
    """Every answer that is no success becomes the text of its problem document."""

    def __init__(self, url: str, key: str) -> None:
        self._http = httpx.Client(
            base_url=f"{url.rstrip('/')}/api/v1",
            headers={"Authorization": f"Bearer {key}", "User-Agent": "roadworthy-gate"},
            timeout=PATIENCE_S,
        )

    def ask(self, question: dict[str, Any]) -> RunTold:
        """The run that answers. Raises: Refused."""
        return self._told("POST", "/gates/run", json=question)

    def look(self, run: int, *, wait_s: float) -> RunTold:
        """The run as it is after so many seconds at most. Raises: Refused."""
        wait = int(min(max(wait_s, 0.0), PATIENCE_S / 2))
        return self._told("GET", f"/gates/runs/{run}", params={"wait": wait})

    def close(self) -> None:
        """Give the connection up."""
        self._http.close()

    def _told(self, method: str, path: str, **sent: Any) -> RunTold:
        """Asked again where the server is away for a moment: the same question is one run."""
        import time

        for left in range(TRIES - 1, -1, -1):
            try:
                answer = self._http.request(method, path, **sent)
                if answer.is_success:
                    told: RunTold = answer.json()
                    return told
                if answer.status_code not in _AGAIN or not left:
                    raise Refused(_text_of(answer))
            except httpx.HTTPError as error:
                if not left:
                    raise Refused(f"The server cannot be reached: {error}") from None
            except ValueError:
                raise Refused("The server answered, but no JSON: is the address right?") from None
            time.sleep(2.0 * (TRIES - left))
        raise Refused("The server cannot be reached.")


def _text_of(answer: httpx.Response) -> str:
    try:
        told = answer.json()
        text = str(told.get("detail") or told.get("title") or answer.status_code)
        said = [f"{one['where']}: {one['detail']}" for one in told.get("errors", ())]
    except (ValueError, AttributeError, TypeError, KeyError):
        return f"The server answered {answer.status_code}, and no JSON."
    return " ".join([text, *(one for one in said if one.partition(": ")[2] not in text)])
