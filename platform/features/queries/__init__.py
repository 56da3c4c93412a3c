"""What is read of features: the doors for other apps, lists, who may approve."""

from features.queries.registry import (
    feature_named,
    features_of,
    list_features,
    list_targets,
    open_target_of,
    target_numbered,
    target_of,
    targets_by_feature,
)

__all__ = [
    "feature_named",
    "features_of",
    "list_features",
    "list_targets",
    "open_target_of",
    "target_numbered",
    "target_of",
    "targets_by_feature",
]
