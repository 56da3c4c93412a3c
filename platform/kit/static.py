"""Static files as they are served: hashed, immutable, precompressed."""

from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.storage import CompressedManifestStaticFilesStorage

_IMPORTS = HashedFilesMixin._js_module_import_aggregation_patterns[1]


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """Also rewrites what our scripts import, so that every module is fetched by its hashed name.

    Only ours: htmx's extensions, which nobody loads, name modules that are not files.
    """

    patterns = (*CompressedManifestStaticFilesStorage.patterns, ("js/*.js", _IMPORTS))
