"""Reservations written and found, any number by one statement."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import connection

from costs.models import Reservation
from costs.services.uses import columns

Key = tuple[int, str]  # project, uid

# Reservations that are not there yet, and what they put aside; a use is written once.
_INSERT = """
with made as (
  insert into costs_reservation (project_id, uid, key_id, feature, model, segment, nano, tokens,
    parts, expires_at, created_at, state)
  select n.*, %s, 'reserved' from unnest(%s::int8[], %s::text[], %s::int8[], %s::text[],
    %s::text[], %s::text[], %s::int8[], %s::int8[], %s::jsonb[], %s::timestamptz[]) as n
  on conflict (project_id, uid) do nothing returning project_id, uid, id, parts
), used as (
  insert into costs_budgetuse as u (budget_id, bucket, settled, reserved)
  select (part->>0)::int8, (part->>1)::timestamptz, 0, sum((part->>2)::int8)
  from made, jsonb_array_elements(parts) part group by 1, 2 order by 1, 2
  on conflict (budget_id, bucket) do update set reserved = u.reserved + excluded.reserved
)
select project_id, uid, id from made
"""
_STANDING = (
    "select id from costs_reservation where project_id = any(%s::int8[]) and uid = any(%s::text[])"
)


def insert_new(new: Mapping[Key, Reservation], now: datetime) -> dict[Key, Reservation]:
    """Those that were not there yet, in one order as everywhere."""
    if not new:
        return {}
    rows = [
        (
            project_id, uid, one.key_id, one.feature, one.model, one.segment, one.nano,
            one.tokens, json.dumps(one.parts), one.expires_at,
        )
        for (project_id, uid), one in sorted(new.items(), key=lambda item: item[0])
    ]  # fmt: skip
    made = {}
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [now, *columns(rows)])
        for project_id, uid, pk in cursor.fetchall():
            one = made[project_id, uid] = new[project_id, uid]
            one.pk = pk
    return made


def standing_reservations(keys: Iterable[Key]) -> dict[Key, Reservation]:
    """Those that stand, in whatever state."""
    wanted = set(keys)
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, columns(list(wanted)))
        ids = [pk for (pk,) in cursor.fetchall()]
    rows = Reservation.objects.filter(pk__in=ids) if ids else ()
    found = {(one.project_id, one.uid): one for one in rows}
    return {key: found[key] for key in wanted if key in found}
