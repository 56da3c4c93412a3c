"""An S3-compatible object store over plain HTTP: put, get and delete, signed by version 4.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html,
read 2026-11-20. Three requests do not need the library of a vendor.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import quote, urlsplit

_TIMEOUT = 20  # seconds


class StoreIsAway(Exception):
    """The object store does not answer, or not as it should; the text is for the log."""


@dataclass(frozen=True)
class Credentials:
    """Who signs, and for which region."""

    key: str
    secret: str
    region: str


@dataclass(frozen=True)
class Store:
    """A bucket at an address such as `https://s3.eu-central-1.amazonaws.com`."""

    endpoint: str
    bucket: str
    credentials: Credentials

    def put(self, name: str, body: bytes, content_type: str) -> None:
        """Keep an object, in place of one of that name. Raises: StoreIsAway."""
        self._ask("PUT", name, body, {"content-type": content_type})

    def get(self, name: str) -> bytes:
        """The bytes of an object. Raises: StoreIsAway, also where there is none."""
        return self._ask("GET", name)

    def delete(self, name: str) -> None:
        """Forget an object; nothing happens where there is none. Raises: StoreIsAway."""
        self._ask("DELETE", name, gone_is_well=True)

    def _ask(
        self,
        method: str,
        name: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        *,
        gone_is_well: bool = False,
    ) -> bytes:
        where = urlsplit(self.endpoint)
        path = quote(f"{where.path.rstrip('/')}/{self.bucket}/{name}")
        sent = {"host": where.netloc, **(headers or {})}
        sent = signed(method, path, sent, body, self.credentials, datetime.now(UTC))
        made = HTTPSConnection if where.scheme == "https" else HTTPConnection
        connection = made(where.hostname or "", where.port, timeout=_TIMEOUT)
        try:
            connection.request(method, path, body or None, sent)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, HTTPException) as error:
            raise StoreIsAway(f"{method} {path}: {error!r}") from None
        finally:
            connection.close()
        if answer.status >= 300 and not (gone_is_well and answer.status == 404):
            raise StoreIsAway(f"{method} {path}: {answer.status} {content[:300]!r}")
        return content


def signed(
    method: str,
    path: str,
    headers: Mapping[str, str],
    body: bytes,
    credentials: Credentials,
    at: datetime,
) -> dict[str, str]:
    """`headers` (lower case, `host` among them) with date, digest and `authorization`.

    `path` is percent-encoded already; requests with a query are not signed here.
    """
    digest = hashlib.sha256(body).hexdigest()
    moment = at.strftime("%Y%m%dT%H%M%SZ")
    sent = {**headers, "x-amz-content-sha256": digest, "x-amz-date": moment}
    names = ";".join(sorted(sent))
    listed = "".join(f"{name}:{sent[name].strip()}\n" for name in sorted(sent))
    request = "\n".join([method, path, "", listed, names, digest])
    scope = f"{moment[:8]}/{credentials.region}/s3/aws4_request"
    text = "\n".join(
        ["AWS4-HMAC-SHA256", moment, scope, hashlib.sha256(request.encode()).hexdigest()]
    )
    key = f"AWS4{credentials.secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    sent["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={credentials.key}/{scope},"
        f"SignedHeaders={names},Signature={signature}"
    )
    return sent
