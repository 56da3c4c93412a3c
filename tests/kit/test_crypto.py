"""Sealed secrets: read back for their purpose, under this key or a former one, and never else."""

from __future__ import annotations

import pytest

from kit.crypto import Unreadable, seal, unseal


def test_a_secret_is_read_back_for_its_purpose_alone() -> None:
    sealed = seal("sk-größe", purpose="provider")
    assert "sk-" not in sealed
    assert unseal(sealed, purpose="provider") == "sk-größe"
    with pytest.raises(Unreadable):
        unseal(sealed, purpose="webhook")
    with pytest.raises(Unreadable):
        unseal("not sealed", purpose="provider")


def test_a_secret_outlives_a_change_of_the_key(settings: pytest.FixtureRequest) -> None:
    settings.SECRET_KEY = "the former key, long enough for anybody"
    sealed = seal("secret", purpose="provider")
    settings.SECRET_KEY = "the key of today, long enough for anybody"
    with pytest.raises(Unreadable, match="SECRET_KEY"):
        unseal(sealed, purpose="provider")
    settings.SECRET_KEY_FALLBACKS = ["the former key, long enough for anybody"]
    assert unseal(sealed, purpose="provider") == "secret"


def test_the_same_secret_is_sealed_differently_each_time() -> None:
    assert seal("secret", purpose="provider") != seal("secret", purpose="provider")
