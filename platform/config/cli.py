"""The console script `roadworthy`: Django's commands under the product's name."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run `roadworthy COMMAND …`; without a command, list the commands."""
    if sys.argv[1:2] == ["up"]:  # it supervises, so it starts at once and stays small
        from config.processes import supervisor

        sys.exit(supervisor.main(sys.argv[2:]))
    if sys.argv[1:2] == ["doctor"]:  # it must speak where Django cannot even be set up
        from config.doctor import examine as doctor

        sys.exit(doctor.main(sys.argv[2:]))
    if sys.argv[1:2] == ["engine"]:  # arithmetic alone: no settings, no database
        from config import engine_command

        sys.exit(engine_command.main(sys.argv[2:]))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
    from django.core.management import execute_from_command_line

    execute_from_command_line(["roadworthy", *sys.argv[1:]])


if __name__ == "__main__":
    main()
