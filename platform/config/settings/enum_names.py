"""What choices are called in the OpenAPI document where their fields share a name."""

ENUM_NAMES = {
    "DataTypeEnum": "traces.models.DataType",
    "BarDirectionEnum": "traces.models.BarDirection",
    "ReviewStatusEnum": "prompts.models.ChangeRequest.Status",
    "RolloutStatusEnum": "prompts.models.Rollout.Status",
    "RolloutEventKindEnum": "prompts.models.RolloutEvent.Kind",
    "CheckStateEnum": "prompts.models.Check.State",
    "DeliveryStateEnum": "notices.models.WebhookDelivery.State",
    "ProviderKindEnum": "gateway.models.Kind",
    "VersionOriginEnum": "prompts.models.PromptVersion.Origin",
    "EvaluatorKindEnum": "evals.models.EvaluatorKind",
    "ItemSourceEnum": "evals.models.Source",
    "SplitEnum": "evals.models.Split",
    "ExperimentOriginEnum": "evals.models.Experiment.Origin",
    "ExperimentStateEnum": "evals.models.Experiment.State",
    "ProposalStateEnum": "evals.models.Proposal.State",
}
