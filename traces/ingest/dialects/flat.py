"""Lists and objects that a client flattened into attribute names such as `a.0.b`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Levels a name is split into; no client needs more than nine, and a hostile one gets no tree.
_DEEPEST = 16


def unflatten(attributes: Mapping[str, Any], prefix: str) -> Any:
    """Return the tree below `prefix` (which ends in a dot): numbered levels become lists.

    Keys keep the order in which they were sent; list positions need not be complete.
    """
    start = len(prefix)
    tree: dict[str, Any] = {}
    for key, value in attributes.items():
        if key.startswith(prefix):
            node = tree
            *path, leaf = key[start:].split(".", _DEEPEST)
            for step in path:
                inner = node.get(step)
                if inner.__class__ is not dict:
                    inner = node[step] = {}
                node = inner
            node[leaf] = value
    return _lists(tree) if tree else None


def _lists(node: Any) -> Any:
    if node.__class__ is not dict:
        return node
    if node and all(key.isdecimal() and len(key) < 10 for key in node):
        return [_lists(node[key]) for key in sorted(node, key=int)]
    return {key: _lists(value) for key, value in node.items()}
