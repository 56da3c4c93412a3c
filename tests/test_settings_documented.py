"""`docs/settings.md` names every variable that the product reads, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from config.env import DECLARED

PAGE = Path(__file__).resolve().parents[1] / "docs" / "settings.md"
ROW = re.compile(r"^\| `([A-Z0-9_]+)` \| (.*?) \| (.+) \|$", re.MULTILINE)


def test_every_setting_is_documented_with_its_default():
    documented = {name: default for name, default, _ in ROW.findall(PAGE.read_text())}
    assert set(documented) == set(DECLARED)
    for name, declared in DECLARED.items():
        if documented[name].startswith("`"):
            assert documented[name] == f"`{declared.default}`", name


def test_the_product_reads_no_variable_behind_our_back():
    """`os.environ` is read in few places, each for a reason of its own."""
    root = PAGE.parents[1]
    pattern = re.compile(r"""environ(?:\.get\(|\[)["']([A-Z0-9_]+)["']""")
    read = set()
    rooms = ("platform", "traces", "prompts", "evals", "costs")
    for path in [path for room in rooms for path in root.glob(f"{room}/**/*.py")]:
        if path.name == "snippet_texts.py":  # programs of our users
            continue
        read |= set(pattern.findall(path.read_text()))
    known = set(DECLARED) | {
        "DJANGO_SETTINGS_MODULE",
        "PATH",
        "HOME",
        "VIRTUAL_ENV",
        "XDG_RUNTIME_DIR",
    }
    # Addresses and keys of other installations, read by one command each.
    of_commands = PAGE.read_text().partition("## Variables of commands")[2]
    assert {name for name in read - known if f"`{name}`" not in of_commands} == set()
