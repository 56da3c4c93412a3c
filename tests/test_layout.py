"""The source root `platform/` hides no module, and every package of ours is what gets imported."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = [
    "config",
    "alerts",
    "evals",
    "costs",
    "gateway",
    "prompts",
    "traces",
    "pricing",
    "governance",
    "features",
    "notices",
    "accounts",
    "audit",
    "kit",
]

# In a fresh interpreter: under pytest the standard library's `platform` is long imported.
ASK = """
import importlib.metadata, importlib.util, json, sys
names = json.loads(sys.argv[1])
owners = importlib.metadata.packages_distributions()
print(json.dumps({
    "places": {name: importlib.util.find_spec(name).origin for name in names},
    "stdlib": sorted(set(names) & set(sys.stdlib_module_names)),
    "others": {name: owners[name] for name in names if set(owners.get(name, [])) - {"roadworthy"}},
    "platform": importlib.util.find_spec("platform").origin,
}))
"""


def ask() -> dict:
    answer = subprocess.run(
        [sys.executable, "-c", ASK, json.dumps(PACKAGES)],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    return json.loads(answer.stdout)


def test_our_packages_are_ours_and_platform_is_the_standard_library():
    found = ask()
    for name, place in found["places"].items():
        assert Path(place).is_relative_to(ROOT), name
    assert found["stdlib"] == []
    assert found["others"] == {}
    assert not Path(found["platform"]).is_relative_to(ROOT)


def test_no_source_root_became_a_package():
    for folder in ("platform", "docker", "templates", "static"):
        assert not (ROOT / folder / "__init__.py").exists()


def test_every_package_of_the_tree_is_in_the_wheel_and_in_the_contracts():
    pyproject = (ROOT / "pyproject.toml").read_text()
    tree = {path.parent.name for path in ROOT.glob("platform/*/__init__.py")}
    tree |= {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "bench"}
    assert tree == set(PACKAGES)
    for name in tree:
        assert f'"{name}"' in pyproject
        assert f'/{name}"' in pyproject or f'"{name}", ' in pyproject


def test_the_image_holds_every_room_of_the_tree():
    lines = (ROOT / "docker/Dockerfile").read_text().splitlines()
    words = [line.split() for line in lines if line.startswith("COPY ") and "--from" not in line]
    copied = {source for line in words for source in line[1:-1]}
    packages = {ROOT / "platform", *(path.parent for path in ROOT.glob("*/__init__.py"))}
    wanted = {path.name for path in packages} - {"tests", "bench"}
    assert wanted | {"templates", "static", "manage.py", "pyproject.toml"} <= copied
    assert all((ROOT / source).exists() for source in copied)


def test_modules_stay_short():
    long = {
        str(path.relative_to(ROOT)): lines
        for top in ("platform", "traces", "prompts", "evals", "costs")
        for path in ROOT.glob(f"{top}/**/*.py")
        if (lines := len(path.read_text().splitlines())) > 400 and "migrations" not in path.parts
    }
    assert long == {}
