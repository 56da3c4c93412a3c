"""Requests to an object store are signed as its documentation computes by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from traces.media.s3 import Credentials, signed

# The worked examples of
# https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
EXAMPLE = Credentials(
    "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1"
)
AT = datetime(2013, 5, 24, tzinfo=UTC)
HOST = "examplebucket.s3.amazonaws.com"


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "signature"),
    [
        (
            "GET",
            "/test.txt",
            {"range": "bytes=0-9"},
            b"",
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
        (
            "PUT",
            "/test%24file.text",
            {
                "date": "Fri, 24 May 2013 00:00:00 GMT",
                "x-amz-storage-class": "REDUCED_REDUNDANCY",
            },
            b"Welcome to Amazon S3.",
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        ),
    ],
)
def test_the_worked_examples_come_out(
    method: str, path: str, headers: dict[str, str], body: bytes, signature: str
) -> None:
    sent = signed(method, path, {"host": HOST, **headers}, body, EXAMPLE, AT)
    assert sent["authorization"].rpartition("Signature=")[2] == signature
    assert sent["x-amz-date"] == "20130524T000000Z"
