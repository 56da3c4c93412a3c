"""Tables of prompts, by theme: the registry, its rules, change requests, rollouts."""

from prompts.models.registry import Label, LabelMove, Prompt, PromptVersion
from prompts.models.requests import (
    AskedReviewer,
    ChangeRequest,
    Check,
    Comment,
    Override,
    RequestNumber,
    Review,
    Thread,
    Viewed,
)
from prompts.models.rollouts import (
    WHOLE,
    PromptEpoch,
    ReadCount,
    Rollout,
    RolloutEvent,
    RolloutMinute,
)
from prompts.models.rules import PRODUCTION, Delegation, Environment, FolderOwner

__all__ = [
    "PRODUCTION",
    "WHOLE",
    "AskedReviewer",
    "ChangeRequest",
    "Check",
    "Comment",
    "Delegation",
    "Environment",
    "FolderOwner",
    "Label",
    "LabelMove",
    "Override",
    "Prompt",
    "PromptEpoch",
    "PromptVersion",
    "ReadCount",
    "RequestNumber",
    "Review",
    "Rollout",
    "RolloutEvent",
    "RolloutMinute",
    "Thread",
    "Viewed",
]
