"""Where the bytes of files are: in PostgreSQL, or in the object store of the settings."""

from __future__ import annotations

from django.conf import settings

from traces.media.s3 import Credentials, Store, StoreIsAway


def object_store() -> Store | None:
    """The store of the settings, None where they name none."""
    if not settings.MEDIA_S3_ENDPOINT:
        return None
    who = Credentials(settings.MEDIA_S3_KEY, settings.MEDIA_S3_SECRET, settings.MEDIA_S3_REGION)
    return Store(settings.MEDIA_S3_ENDPOINT, settings.MEDIA_S3_BUCKET, who)


def name_of(project_id: int, media_id: str) -> str:
    """The name of a file's object: projects never share one."""
    return f"{project_id}/{media_id}"


def put_elsewhere(project_id: int, media_id: str, body: bytes, content_type: str) -> bool:
    """Keep the bytes in the object store; False where there is none. Raises: StoreIsAway."""
    store = object_store()
    if store is None:
        return False
    store.put(name_of(project_id, media_id), body, content_type)
    return True


def get_elsewhere(project_id: int, media_id: str) -> bytes:
    """Bytes that are in the object store. Raises: StoreIsAway."""
    return _store().get(name_of(project_id, media_id))


def delete_elsewhere(project_id: int, media_id: str) -> None:
    """Forget bytes that are in the object store. Raises: StoreIsAway."""
    _store().delete(name_of(project_id, media_id))


def _store() -> Store:
    store = object_store()
    if store is None:
        raise StoreIsAway("The settings name no object store any more (MEDIA_S3_ENDPOINT).")
    return store
