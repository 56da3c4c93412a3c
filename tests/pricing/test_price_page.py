"""The page of prices: everyone of the project reads it, admins and owners write."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import Role
from pricing.models import Price, PriceJob
from tests.factories import make_user

PAGE = "/p/support/costs/prices/"
FORM = {"model": "our-model", "in_uncached": "0.25", "out_text": "1.5", "valid_from": "2026-06-01"}
pytestmark = pytest.mark.django_db


def test_a_member_reads_and_may_not_write(member_client, project):
    answer = member_client.get(PAGE)
    assert answer.status_code == 200
    assert b"No price of your own" in answer.content
    assert b"Set price" not in answer.content
    assert member_client.post(PAGE, FORM).status_code == 403
    assert not Price.objects.exists()


def test_a_stranger_finds_nothing(stranger_client, project):
    assert stranger_client.get(PAGE).status_code == 404
    assert stranger_client.post(PAGE, FORM).status_code == 404


def test_an_admin_sets_ends_and_removes_a_price(project):
    client = Client()
    client.force_login(
        make_user("ann@example.com", organization=project.organization, role=Role.ADMIN)
    )
    assert client.post(PAGE, FORM).status_code == 303
    price = Price.objects.get()
    shown = client.get(PAGE).content.decode()
    assert "our-model" in shown
    assert "Input 0.25, Output 1.5 USD" in shown
    assert "holds now" in shown
    assert client.post(f"{PAGE}{price.pk}/end/").status_code == 303
    price.refresh_from_db()
    assert price.valid_to is not None
    assert client.post(f"{PAGE}{price.pk}/end/", follow=True).status_code == 200
    assert client.post(f"{PAGE}{price.pk}/remove/").status_code == 303
    assert not Price.objects.exists()


def test_the_form_opens_with_the_model_that_was_chosen(owner_client, project):
    shown = owner_client.get(f"{PAGE}?model=llama3&provider=ollama").content.decode()
    assert 'value="llama3"' in shown
    assert 'value="ollama"' in shown


def test_a_preview_comes_alone_for_htmx_and_writes_nothing(owner_client, project):
    whole = owner_client.post(PAGE, {**FORM, "act": "preview"})
    assert b"No stored call changes" in whole.content
    piece = owner_client.post(PAGE, {**FORM, "act": "preview"}, headers={"HX-Request": "true"})
    assert piece.content.strip().startswith(b'<div id="price-preview"')
    assert not Price.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"in_uncached": "", "out_text": ""}, "State at least one price"),
        ({"in_uncached": "-1"}, "greater than or equal to 0"),
        ({"model": "a*b"}, "at the end only"),
        ({"tier_out_text": "3"}, "above 0"),
        ({"above": "1000"}, "State what costs something else there"),
        ({"currency": "EURO"}, "at most 3"),
        ({"valid_to": "2026-05-01"}, "after the beginning"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(owner_client, project, wrong, said):
    answer = owner_client.post(PAGE, {**FORM, **wrong})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Price.objects.exists()


def test_a_job_shows_itself_until_it_has_ended(owner_client, project):
    owner_client.post(PAGE, FORM)
    piece = owner_client.get(f"{PAGE}jobs/", headers={"HX-Request": "true"}).content.decode()
    assert 'hx-trigger="every 2s"' in piece
    job = PriceJob.objects.get()
    assert owner_client.post(f"{PAGE}jobs/{job.pk}/cancel/").status_code == 303
    piece = owner_client.get(f"{PAGE}jobs/", headers={"HX-Request": "true"}).content.decode()
    assert "every 2s" not in piece
    assert "Cancelled" in piece
    assert owner_client.post(f"{PAGE}jobs/{job.pk}/again/").status_code == 303
    assert PriceJob.objects.filter(state="due").count() == 1


def test_the_number_of_queries_does_not_grow_with_prices(
    owner_client, project, django_assert_max_num_queries
):
    for n in range(5):
        owner_client.post(PAGE, {**FORM, "model": f"model-{n}"})
    with django_assert_max_num_queries(10):
        owner_client.get(PAGE)
