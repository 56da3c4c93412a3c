"""Static files as they are found and served: hashed, immutable, precompressed."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import AppDirectoriesFinder, BaseFinder, FileSystemFinder
from django.contrib.staticfiles.storage import HashedFilesMixin
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

_IMPORTS = HashedFilesMixin._js_module_import_aggregation_patterns[1]  # type: ignore[attr-defined]


class HashedStaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Also rewrites what our own scripts import, so that each module has its hashed name.

    Not what scripts of other packages seem to import: some of them only say so in a comment.
    """

    support_js_module_import_aggregation = True
    _js_module_import_aggregation_patterns = ("js/*.js", _IMPORTS)


class Finder(BaseFinder):
    """Our own files, those of apps, and the browser bundle inside the package plotly."""

    _PLOTLY = ("plotly", "plotly.min.js")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._others = (FileSystemFinder(), AppDirectoriesFinder())
        spec = find_spec("plotly")
        found = [
            Path(one) / "package_data" for one in (spec and spec.submodule_search_locations) or ()
        ]
        self._bundle = next((one for one in found if (one / self._PLOTLY[1]).is_file()), None)
        super().__init__(*args, **kwargs)

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterable[Any]:
        """Every file with the storage that has it."""
        for other in self._others:
            yield from other.list(ignore_patterns)
        if self._bundle is not None:
            folder, name = self._PLOTLY
            storage = FileSystemStorage(location=self._bundle)
            storage.prefix = folder  # type: ignore[attr-defined]  # as the finders of Django do
            yield name, storage

    def find(self, path: str, *args: Any, **kwargs: Any) -> Any:
        """Where a file stands; [] where it is none of these."""
        for other in self._others:
            if found := other.find(path, *args, **kwargs):
                return found
        if self._bundle is not None and path == "/".join(self._PLOTLY):
            one = str(self._bundle / self._PLOTLY[1])
            return [one] if kwargs.get("find_all") else one
        return []
