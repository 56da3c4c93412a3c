"""From a version to what is sent: references put in, variables and placeholders filled in."""

from prompts.rendering.compiling import Compiled, compiled, placeholders_of, variables_of
from prompts.rendering.composition import (
    BadReference,
    Composed,
    Edge,
    Node,
    Resolved,
    compose,
)
from prompts.rendering.references import Reference, references_of
from prompts.rendering.variables import Variable, variables_in

__all__ = [
    "BadReference",
    "Compiled",
    "Composed",
    "Edge",
    "Node",
    "Reference",
    "Resolved",
    "Variable",
    "compiled",
    "compose",
    "placeholders_of",
    "references_of",
    "variables_in",
    "variables_of",
]
