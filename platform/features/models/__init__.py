"""The tables of `features`, a module a noun."""

from features.models.features import Feature
from features.models.rules import MappingRule, MappingState
from features.models.targets import BarDirection, BlastRadius, SensitiveData, Target

__all__ = [
    "BarDirection",
    "BlastRadius",
    "Feature",
    "MappingRule",
    "MappingState",
    "SensitiveData",
    "Target",
]
