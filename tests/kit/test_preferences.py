"""A browser's choices are kept in cookies by the server."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from kit.preferences import set_preference


def _post(rf: RequestFactory, headers: Any = None, **data: Any) -> HttpResponse:
    return set_preference(rf.post("/preferences/", data, headers=headers))


@pytest.mark.parametrize(
    ("name", "value"), [("theme", "dark"), ("density", "comfortable"), ("shortcuts", "off")]
)
def test_a_choice_is_kept_for_a_year(rf: RequestFactory, name: str, value: str) -> None:
    cookie = _post(rf, **{name: value}).cookies[name]
    assert cookie.value == value
    assert cookie["max-age"] == 365 * 24 * 3600


def test_the_default_removes_the_cookie(rf: RequestFactory) -> None:
    cookie = _post(rf, theme="system").cookies["theme"]
    assert cookie.value == ""
    assert cookie["max-age"] == 0


def test_a_form_comes_back_to_its_page(rf: RequestFactory) -> None:
    response = _post(rf, theme="dark", next="/p/support/traces/?t=7d")
    assert response.status_code == 303
    assert response["Location"] == "/p/support/traces/?t=7d"


def test_another_site_is_no_place_to_come_back_to(rf: RequestFactory) -> None:
    assert _post(rf, theme="dark", next="https://elsewhere.example/")["Location"] == "/"


def test_the_pages_script_gets_no_page(rf: RequestFactory) -> None:
    response = _post(rf, headers={"X-Requested-With": "fetch"}, theme="dark")
    assert response.status_code == 204


def test_an_unknown_choice_is_refused(rf: RequestFactory) -> None:
    assert _post(rf, theme="pink").status_code == 400
    assert set_preference(rf.get("/preferences/")).status_code == 405
