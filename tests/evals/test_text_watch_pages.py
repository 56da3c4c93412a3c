"""Pages, REST and incidents of text watches: made in a form, read as a lane, closed, proposed."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import Project, Role, Scope
from alerts.models import Incident
from alerts.services.text_drift import follow_text_drifts
from evals.models import DatasetItem, Gate, GateRun, TextDay, TextDrift, TextWatch
from evals.services.text_drifts import raise_drift
from prompts.models import Label
from tests.evals.live import scored
from tests.evals.making import item, make_dataset, make_gate
from tests.evals.scheduling import version_of
from tests.evals.test_quality_pages import BASE, signed_in, text
from tests.evals.texting import TODAY, asked, day_of, watched
from tests.factories import make_key

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(project: Project) -> Client:
    return signed_in(project, "alice@x.test", Role.OWNER)


def drifted(project: Project, watch: TextWatch | None = None, **more: Any) -> TextDrift:
    """A drift on the second of two days, with three examples; as comparing leaves it."""
    asked(project, 1, ["where is my parcel", "a parcel was lost", "<b>parcel</b>"])
    watch = watch or watched(project, **more)
    for ago, said in ((4, "same"), (2, "once"), (1, "drift")):
        day = TextDay.objects.create(
            watch=watch, side="input", day=day_of(ago), state="done", way="pieces", n=500,
            reference_n=1000, p=0.3 if said == "same" else 0.005, share=0.6, expected=0.55,
            distance=0.02 if said == "same" else 0.09, said=said,
            examples=["d1-0", "d1-1", "d1-2", "gone"], at=TODAY,
        )  # fmt: skip
    drift = raise_drift(day, TODAY)
    assert drift is not None
    assert raise_drift(day, TODAY) is None
    return drift


def test_a_watch_is_made_read_changed_and_removed(project: Project, site: Client) -> None:
    scored(project, "a", [0.5], feature="support")
    assert "No feature’s texts are watched" in text(site.get(BASE))
    form = text(site.get(f"{BASE}texts/new/?feature=support"))
    assert 'value="support"' in form
    assert "EMBEDDING_MODEL_DIR" in form
    body = {"feature": "support", "inputs": "on", "method": "pieces", "is_enabled": "on"}
    refused = text(site.post(f"{BASE}texts/new/", {**body, "method": "provider"}), 422)
    assert "Say which embedding model." in refused
    made = text(site.post(f"{BASE}texts/new/", body, follow=True))
    assert "Nothing is compared yet" in made
    assert "words, not meanings" in made
    watch = TextWatch.objects.get()
    at = f"{BASE}texts/{watch.pk}/"
    assert "Inputs of support" in text(site.get(BASE))
    saved = site.post(f"{at}settings/", {**body, "outputs": "on", "is_enabled": ""}, follow=True)
    assert "Switched off." in text(saved)
    assert "Outputs of support" in text(site.get(at))
    viewer = signed_in(project, "carl@x.test", Role.VIEWER)
    text(viewer.get(at))
    text(viewer.get(f"{at}settings/"), 403)
    text(viewer.get(f"{BASE}texts/new/"), 403)
    text(site.post(f"{at}settings/", {"delete": "1"}, follow=True))
    assert not TextWatch.objects.exists()
    text(site.get(at), 404)
    text(site.get(f"{BASE}texts/{9**30}/"), 404)


def test_a_drift_is_read_proposed_and_closed(project: Project, site: Client) -> None:
    drift = drifted(project)
    at = f"{BASE}texts/drifts/{drift.pk}/"
    said = text(site.get(at))
    assert "Inputs of support are about something else since" in said
    assert "where is my parcel" in said
    assert "&lt;b&gt;parcel" in said
    assert "/traces/d1-0/" in said
    assert f"/quality/texts/drifts/{drift.pk}/" in text(site.get(BASE))
    make_dataset(project, "golden", item("one"))
    refused = text(site.post(f"{at}propose/", {"dataset": "golden"}, follow=True))
    assert "at least one example" in refused
    chosen = {"dataset": "golden", "traces": ["d1-0", "d1-1"]}
    assert "2 new drafts in golden." in text(site.post(f"{at}propose/", chosen, follow=True))
    assert DatasetItem.objects.filter(source_trace_id="d1-0").exists()
    viewer = signed_in(project, "carl@x.test", Role.VIEWER)
    text(viewer.post(f"{at}propose/", chosen), 403)
    text(viewer.post(f"{at}close/", {"as": "normal"}), 403)
    closed = text(site.post(f"{at}close/", {"as": "normal", "note": "A campaign"}, follow=True))
    assert "New normal: A campaign" in closed
    assert "closed already" in text(site.post(f"{at}close/", {"as": "over"}, follow=True))


def test_a_drift_is_one_ticket_without_texts(project: Project, site: Client) -> None:
    drift = drifted(project)
    assert follow_text_drifts(TODAY) == 1
    assert follow_text_drifts(TODAY) == 0
    incident = Incident.objects.get()
    assert (incident.severity, incident.state, incident.feature) == ("ticket", "open", "support")
    assert incident.sentence.startswith("Inputs of support are about something else since")
    assert "parcel" not in str(incident.evidence)
    text(site.post(f"{BASE}texts/drifts/{drift.pk}/close/", {"as": "over"}, follow=True))
    assert follow_text_drifts(TODAY) == 1
    incident.refresh_from_db()
    assert incident.state == "resolved"


def test_the_features_gates_run_at_once_where_that_is_set(project: Project) -> None:
    version = version_of(project)
    dataset = make_dataset(project, "golden", item("one"))
    gate: Gate = make_gate(version.prompt, dataset, feature="support")
    drift = drifted(project, runs_gates=True)
    assert drift.gates == [{"gate": "answers in production", "said": "serves no version"}]
    drift.delete()
    Label.objects.create(prompt=version.prompt, name="production", version=version)
    TextDay.objects.all().delete()
    again = drifted(project, TextWatch.objects.get())
    run = GateRun.objects.get(gate=gate)
    assert (run.candidate, run.baseline) == (version, None)
    assert again.gates[0]["said"] == "was run"


def test_rest_reads_watches_days_and_drifts(project: Project, client: Client) -> None:
    drift = drifted(project)
    key = make_key(project, scopes=[Scope.READ])
    api = "/api/v1"
    (watch,) = client.get(f"{api}/text-watches", headers=key.headers).json()["data"]
    assert (watch["feature"], watch["method"], watch["enabled"]) == ("support", "pieces", True)
    at = f"{api}/text-watches/{watch['id']}/days"
    first = client.get(f"{at}?limit=2", headers=key.headers).json()
    assert [one["said"] for one in first["data"]] == ["drift", "once"]
    rest = client.get(f"{at}?cursor={first['next_cursor']}", headers=key.headers).json()
    assert [one["said"] for one in rest["data"]] == ["same"]
    (found,) = client.get(f"{api}/text-drifts", headers=key.headers).json()["data"]
    assert (found["id"], found["side"], found["day"]["p"]) == (drift.pk, "input", 0.005)
    assert client.get(f"{api}/text-watches/999/days", headers=key.headers).status_code == 404


def test_queries_do_not_grow_with_watches_and_days(
    project: Project, site: Client, django_assert_max_num_queries: Any
) -> None:
    drift = drifted(project)
    for name in "abcdef":
        other = watched(project, feature=name)
        TextDay.objects.create(watch=other, side="input", day=day_of(1), state="done", p=0.5,
                               distance=0.1, said="same")  # fmt: skip
    with django_assert_max_num_queries(16):
        assert len(site.get(BASE).context["texts"]) == 7
    with django_assert_max_num_queries(12):
        site.get(f"{BASE}texts/{drift.watch_id}/")
    with django_assert_max_num_queries(14):
        site.get(f"{BASE}texts/drifts/{drift.pk}/")
