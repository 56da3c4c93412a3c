"""The registry of a project on a server, over REST, with a key of the scope prompts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import httpx

from prompts.registries.lines import Line, Refused

PATIENCE_S = 120.0  # a first apply of thousands of versions is one request


class RemoteRegistry:
    """Every answer that is no success becomes the text of its problem document."""

    def __init__(self, url: str, key: str) -> None:
        self._http = httpx.Client(
            base_url=f"{url.rstrip('/')}/api/v1",
            headers={"Authorization": f"Bearer {key}", "User-Agent": "roadworthy-prompts"},
            timeout=PATIENCE_S,
        )

    def export(self) -> dict[str, str]:
        """The text of every file by its path. Raises: Refused."""
        files: dict[str, str] = self._ask("GET", "/prompts-files")["files"]
        return files

    def plan(self, texts: Mapping[str, str], *, prune: bool) -> list[Line]:
        """The steps. Raises: Refused."""
        return self._steps("/prompts-files/plan", texts, prune)

    def apply(self, texts: Mapping[str, str], *, prune: bool) -> list[Line]:
        """The steps that were taken. Raises: Refused."""
        return self._steps("/prompts-files/apply", texts, prune)

    def statuses(self, reviews: Collection[int]) -> dict[int, str]:
        """Where reviews stand. Raises: Refused."""
        told = self._ask("GET", "/prompts-files/reviews", params={"number": sorted(reviews)})[
            "reviews"
        ]
        return {one["number"]: one["status"] for one in told}

    def close(self) -> None:
        """Give the connection up."""
        self._http.close()

    def _steps(self, path: str, texts: Mapping[str, str], prune: bool) -> list[Line]:
        told = self._ask("POST", path, json={"files": dict(texts), "prune": prune})
        return [Line(**step) for step in told["steps"]]

    def _ask(self, method: str, path: str, **sent: Any) -> Any:
        try:
            answer = self._http.request(method, path, **sent)
            if answer.is_success:
                return answer.json()
            told = answer.json()
            text = str(told.get("detail") or told.get("title") or answer.status_code)
        except httpx.HTTPError as error:
            raise Refused(f"The server cannot be reached: {error}") from None
        except (ValueError, AttributeError):
            text = f"The server answered {answer.status_code}, and no JSON."
        raise Refused(text)
