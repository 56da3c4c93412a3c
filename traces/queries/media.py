"""Files of a project, without their bytes unless asked for."""

from __future__ import annotations

from collections.abc import Iterable

from traces.media.bodies import get_elsewhere
from traces.models import Media, MediaUse


def get_media(project_id: int, media_id: str) -> Media | None:
    """The file of that id, be it uploaded or only announced; its bytes are not read."""
    if "\0" in media_id:
        return None
    return Media.objects.filter(project_id=project_id, id=media_id).defer("body").first()


def media_of(project_id: int, ids: Iterable[str]) -> dict[str, Media]:
    """The files of these ids by id, uploaded or only announced, without their bytes."""
    wanted = [media_id for media_id in ids if "\0" not in media_id]
    if not wanted:
        return {}
    found = Media.objects.filter(project_id=project_id, id__in=wanted)
    return {media.id: media for media in found.defer("body")}


def bytes_of(media: Media) -> bytes:
    """The bytes of an uploaded file. Raises: StoreIsAway."""
    if media.is_elsewhere:
        return get_elsewhere(media.project_id, media.id)
    body = Media.objects.values_list("body", flat=True).get(
        project_id=media.project_id, id=media.id
    )
    return b"" if body is None else bytes(body)


def uses_of(project_id: int, media_id: str) -> list[MediaUse]:
    """The spans that show a file, at most 100."""
    found = MediaUse.objects.filter(project_id=project_id, media_id=media_id).exclude(trace_id="")
    return list(found.order_by("trace_id", "span_id", "field")[:100])
