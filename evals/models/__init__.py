"""The tables of `evals`, a module a noun."""

from evals.models.calibration import Calibration, HumanLabel
from evals.models.datasets import Dataset, DatasetItem, DatasetVersion, ItemRevision, Source, Split
from evals.models.evaluators import Evaluator, EvaluatorKind, EvaluatorVersion
from evals.models.experiments import Experiment, ExperimentEvaluator, ExperimentNumber, Result
from evals.models.gates import Gate, GateRun
from evals.models.judgements import Judgement
from evals.models.online import OnlineRule
from evals.models.proposals import Proposal
from evals.models.queues import QueueItem, ReviewQueue
from evals.models.rejudging import Rejudging, StoredAnswer
from evals.models.schedules import DriftAlarm, Schedule, ScheduleEvaluator, ScheduleRun
from evals.models.texts import Side, TextDay, TextDrift, TextReference, TextWatch
from evals.models.uploads import DatasetUpload

__all__ = [
    "Calibration",
    "Dataset",
    "DatasetItem",
    "DatasetUpload",
    "DatasetVersion",
    "DriftAlarm",
    "Evaluator",
    "EvaluatorKind",
    "EvaluatorVersion",
    "Experiment",
    "ExperimentEvaluator",
    "ExperimentNumber",
    "Gate",
    "GateRun",
    "HumanLabel",
    "ItemRevision",
    "Judgement",
    "OnlineRule",
    "Proposal",
    "QueueItem",
    "Rejudging",
    "Result",
    "ReviewQueue",
    "Schedule",
    "ScheduleEvaluator",
    "ScheduleRun",
    "Side",
    "Source",
    "Split",
    "StoredAnswer",
    "TextDay",
    "TextDrift",
    "TextReference",
    "TextWatch",
]
