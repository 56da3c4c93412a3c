"""The first owner, project and keys: made once, repeated without harm, by many at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import ApiKey, Membership, Organization, Project, Role, Scope, User
from accounts.provision import Misconfigured, provision
from accounts.services.projects import make_demo_project
from accounts.verification import verify
from audit.chain import verify as verify_chain
from audit.models import AuditEntry

pytestmark = pytest.mark.django_db
GIVEN = {
    "ROADWORTHY_INIT_EMAIL": "ops@example.com",
    "ROADWORTHY_INIT_PASSWORD": "a password from outside",
    "ROADWORTHY_INIT_PROJECT": "claims",
    "ROADWORTHY_INIT_PUBLIC_KEY": "pk-rw-given",
    "ROADWORTHY_INIT_SECRET_KEY": "sk-rw-given-from-outside",
}


def counts() -> tuple[int, ...]:
    models = (User, Organization, Project, ApiKey, Membership, AuditEntry)
    return tuple(model.objects.count() for model in models)


def test_an_empty_database_gets_everything() -> None:
    made = provision({})
    assert (made.created, made.email, made.project_slug) == (True, "admin@localhost", "my-project")
    user = User.objects.get()
    assert made.password is not None
    assert user.check_password(made.password)
    assert Membership.objects.get(user=user).role == Role.OWNER
    assert made.secret_key is not None
    bearer = verify({"x-api-key": made.secret_key}, Scope.INGEST)
    assert (bearer.project_slug, bearer.public_key) == ("my-project", made.public_key)
    assert "admin" not in bearer.scopes


def test_a_second_run_changes_nothing_and_shows_no_secret() -> None:
    first, before = provision({}), counts()
    again = provision({})
    assert counts() == before
    assert (again.created, again.password, again.secret_key) == (False, None, None)
    assert (again.email, again.project_slug, again.public_key) == (
        first.email,
        first.project_slug,
        first.public_key,
    )


def test_what_the_environment_names_is_made_and_not_shown() -> None:
    made = provision(GIVEN)
    assert (made.password, made.secret_key) == (None, None)
    assert User.objects.get(email="ops@example.com").check_password("a password from outside")
    assert verify({"x-api-key": "sk-rw-given-from-outside"}, Scope.READ).project_slug == "claims"
    before = counts()
    provision(GIVEN)
    assert counts() == before


def test_an_existing_password_is_never_changed() -> None:
    provision(GIVEN)
    provision(GIVEN | {"ROADWORTHY_INIT_PASSWORD": "some other password"})
    assert User.objects.get().check_password("a password from outside")


def test_what_is_missing_later_is_added_to_what_is_there() -> None:
    provision({})
    made = provision(GIVEN)
    assert made.project_slug == "claims"
    assert Organization.objects.count() == 1
    assert User.objects.count() == Project.objects.count() == ApiKey.objects.count() == 2
    roles = set(Membership.objects.values_list("role", flat=True))
    assert roles == {"owner"}


def test_entries_are_by_the_system_and_the_chain_holds() -> None:
    provision(GIVEN)
    assert set(AuditEntry.objects.values_list("actor_kind", flat=True)) == {"system"}
    assert "given-from-outside" not in str(list(AuditEntry.objects.values()))
    assert verify_chain(Organization.objects.get().pk).broken_at is None


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"ROADWORTHY_INIT_SECRET_KEY": ""}, "go together"),
        ({"ROADWORTHY_INIT_PUBLIC_KEY": "rw-given"}, "must look like pk-"),
        ({"ROADWORTHY_INIT_PROJECT": "My Project"}, "ROADWORTHY_INIT_PROJECT must be a slug"),
    ],
)
def test_nonsense_is_refused_by_the_name_of_the_variable(
    change: dict[str, str], named: str
) -> None:
    with pytest.raises(Misconfigured, match=named):
        provision(GIVEN | change)
    assert counts() == (0, 0, 0, 0, 0, 0)


def test_a_known_public_key_with_another_secret_is_refused() -> None:
    provision(GIVEN)
    with pytest.raises(Misconfigured, match="another secret"):
        provision(GIVEN | {"ROADWORTHY_INIT_SECRET_KEY": "sk-rw-other"})


def test_the_demo_is_never_taken_for_the_own_project() -> None:
    provision({})
    make_demo_project()
    assert provision({}).project_slug == "my-project"


@pytest.mark.django_db(transaction=True)
def test_four_at_once_make_one_of_each() -> None:
    def run(_: int) -> bool:
        try:
            return provision({}).created
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(run, range(4))) == [False, False, False, True]
    assert counts()[:4] == (1, 1, 1, 1)


def test_createadmin_makes_promotes_and_resets() -> None:
    out = StringIO()
    call_command("createadmin", email="a@example.com", password="a fine password 1", stdout=out)
    assert "a@example.com owns" in out.getvalue()
    Membership.objects.update(role=Role.VIEWER)
    call_command("createadmin", email="A@example.com", stdout=out)
    shown = out.getvalue().rsplit("password: ", 1)[1].strip()
    assert User.objects.get().check_password(shown)
    assert Membership.objects.get().role == Role.OWNER
    with pytest.raises(CommandError, match="too short"):
        call_command("createadmin", email="b@example.com", password="short")
