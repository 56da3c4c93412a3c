"""Two owners who leave in the same moment cannot leave nobody behind."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from accounts.models import Membership, Organization, Role, User
from accounts.services import members
from tests.factories import make_user


@pytest.mark.django_db(transaction=True)
def test_of_two_owners_leaving_at_once_one_stays(alice: User, organization: Organization) -> None:
    olga = make_user("olga@example.com", organization=organization, role=Role.OWNER)
    together = Barrier(2)

    def leave(user: User) -> bool:
        try:
            together.wait(5)
            members.remove_member(Membership.objects.get(user=user), actor=user)
        except members.LastOwner:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(leave, [alice, olga])) == [False, True]
    assert Membership.objects.filter(role=Role.OWNER, organization=organization).count() == 1
