"""Addresses of the REST of `alerts`."""

from django.urls import path

from alerts.api import channels, incidents, maintenance, objectives, on_call, rules

_ONE, _CHANNEL = "alerts/<int:pk>", "alerts/channels/<int:pk>"
_RULE = "alerts/rules/<int:pk>"

app_name = "alerts_api"
urlpatterns = [
    path("alerts", incidents.Incidents.as_view(), name="incidents"),
    path("alerts/objectives", objectives.Objectives.as_view(), name="objectives"),
    path("alerts/maintenance", maintenance.Maintenance.as_view(), name="maintenance"),
    path(
        "alerts/maintenance/<int:pk>", maintenance.OneMaintenance.as_view(), name="one_maintenance"
    ),
    path("alerts/on-call", on_call.OnCall.as_view(), name="on_call"),
    path("alerts/channels", channels.Channels.as_view(), name="channels"),
    path("alerts/rules", rules.Rules.as_view(), name="rules"),
    path("alerts/rules/backtest", rules.TriedRule.as_view(), name="rule_try"),
    path(_RULE, rules.OneRule.as_view(), name="rule"),
    path(f"{_RULE}/backtest", rules.RuleBacktest.as_view(), name="rule_backtest"),
    path(_CHANNEL, channels.OneChannel.as_view(), name="channel"),
    path(f"{_CHANNEL}/test", channels.ChannelTest.as_view(), name="channel_test"),
    path(f"{_CHANNEL}/deliveries", channels.Deliveries.as_view(), name="deliveries"),
    path(_ONE, incidents.OneIncident.as_view(), name="incident"),
    path(f"{_ONE}/acknowledge", incidents.Acknowledged.as_view(), name="acknowledge"),
    path(f"{_ONE}/snooze", incidents.Snoozed.as_view(), name="snooze"),
    path(f"{_ONE}/assign", incidents.Assigned.as_view(), name="assign"),
    path(f"{_ONE}/resolve", incidents.Resolved.as_view(), name="resolve"),
]
