"""A run of a gate as text for a terminal: the table, the sentence, what would decide."""

from __future__ import annotations

from evals.asking.asked import RunTold

COLUMNS = ("name", "old", "new", "change", "bar", "result")
HEADS = {"name": "", "old": "old", "new": "new", "change": "change", "bar": "bar", "result": ""}
RESULTS = {"pass": "ok", "fail": "FAIL", "warning": "?", "": ""}
STATES = {
    "pass": "PASS", "fail": "FAIL", "inconclusive": "INCONCLUSIVE", "error": "ERROR",
    "cancelled": "CANCELLED", "running": "RUNNING",
}  # fmt: skip
MOST_KEYS = 20


def table_of(told: RunTold) -> str:
    """Everything that a log of CI should show."""
    verdict = told["verdict"]
    lines = [f"{STATES.get(told['state'], told['state'])}  {_what(told)}", ""]
    if rows := verdict.get("rows"):
        lines += [*_table([HEADS, *[row | {"result": RESULTS[row["result"]]} for row in rows]]), ""]
    lines.append(told["error"] or told["summary"])
    primary = verdict.get("primary") or {}
    if primary.get("mde") is not None and verdict.get("mode") == "relative":
        lines.append(f"With {primary['n']:,} items it could see {primary['mde']:.3f} or more.")
    lines += verdict.get("warnings", [])
    lines += _keys("Now pass", verdict.get("to_pass", [])) + _keys(
        "Now fail", verdict.get("to_fail", [])
    )
    return "\n".join([*lines, told["url"]])


def _what(told: RunTold) -> str:
    under = f" under {told['model']}" if told["model"] else ""
    beside = f"v{told['baseline']}" if told["baseline"] is not None else "its bar alone"
    return f"{told['prompt']} v{told['version']}{under} beside {beside}, {told['environment']}"


def _table(rows: list[dict[str, str]]) -> list[str]:
    widths = {name: max(len(row[name] or "") for row in rows) for name in COLUMNS}
    lines = []
    for row in rows:
        cells = [
            (row[name] or "").ljust(widths[name]) if name in ("name", "result")
            else (row[name] or "").rjust(widths[name])
            for name in COLUMNS
        ]  # fmt: skip
        lines.append("  ".join(cells).rstrip())
    return lines


def _keys(head: str, keys: list[str]) -> list[str]:
    if not keys:
        return []
    more = f" and {len(keys) - MOST_KEYS:,} more" if len(keys) > MOST_KEYS else ""
    return [f"{head} ({len(keys):,}): {', '.join(keys[:MOST_KEYS])}{more}"]
