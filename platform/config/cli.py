"""The console script `roadworthy`: Django's commands under the product's name."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run `roadworthy COMMAND …`; without a command, list the commands."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
    from django.core.management import execute_from_command_line

    execute_from_command_line(["roadworthy", *sys.argv[1:]])


if __name__ == "__main__":
    main()
