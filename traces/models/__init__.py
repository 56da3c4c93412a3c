"""The tables of traces."""

from traces.models.annotations import TraceNote, TraceShare, TraceTag
from traces.models.experiments import ExperimentTrace
from traces.models.feedback import (
    BarDirection,
    DataType,
    Outcome,
    Score,
    ScoreDefinition,
    ScoreSource,
)
from traces.models.intake import DigestQueue, IntakeCount, IntakeNotice, LogEvent
from traces.models.jobs import BulkJob, BulkJobPart, BulkJobTrace, SavedView
from traces.models.limits import (
    IntakeAllowance,
    ProjectLimits,
    SampledTrace,
    SamplingCandidate,
)
from traces.models.media import Media, MediaUse
from traces.models.moving import ImportRun
from traces.models.rollups import (
    RollupCheck,
    TraceCounted,
    TraceDay,
    TraceHour,
    TraceWords,
    UsageDay,
    UsageHour,
    UsageTotal,
    UserCounted,
    UserDay,
    UserSampled,
)
from traces.models.score_days import ScoreCounted, ScoreDay, ScoreQueue
from traces.models.spans import Span, SpanContent, Trace, Uncounted
from traces.models.spend import SpendDay, SpendHour, SpendName

__all__ = [
    "BarDirection",
    "BulkJob",
    "BulkJobPart",
    "BulkJobTrace",
    "DataType",
    "DigestQueue",
    "ExperimentTrace",
    "ImportRun",
    "IntakeAllowance",
    "IntakeCount",
    "IntakeNotice",
    "LogEvent",
    "Media",
    "MediaUse",
    "Outcome",
    "ProjectLimits",
    "RollupCheck",
    "SampledTrace",
    "SamplingCandidate",
    "SavedView",
    "Score",
    "ScoreCounted",
    "ScoreDay",
    "ScoreDefinition",
    "ScoreQueue",
    "ScoreSource",
    "Span",
    "SpanContent",
    "SpendDay",
    "SpendHour",
    "SpendName",
    "Trace",
    "TraceCounted",
    "TraceDay",
    "TraceHour",
    "TraceNote",
    "TraceShare",
    "TraceTag",
    "TraceWords",
    "Uncounted",
    "UsageDay",
    "UsageHour",
    "UsageTotal",
    "UserCounted",
    "UserDay",
    "UserSampled",
]
