"""Addresses of incidents and channels, below a project."""

from django.urls import path

from alerts.views import (
    acts,
    channels,
    incidents,
    objectives,
    on_call,
    quiet,
    rule_editor,
    rules,
)

_ONE, _CHANNEL = "alerts/<int:pk>/", "settings/alerts/<int:pk>/"

_RULE = "alerts/rules/<int:pk>/"

app_name = "alerts"
urlpatterns = [
    path("alerts/", incidents.incident_list, name="incidents"),
    path("alerts/open/", incidents.open_count, name="open_count"),
    path("alerts/overview/", incidents.overview, name="overview"),
    path("alerts/objectives/", objectives.objectives, name="objectives"),
    path(
        "alerts/objectives/of-feature/<path:name>/",
        objectives.objectives_of_feature,
        name="objectives_of_feature",
    ),
    path("alerts/on-call/", on_call.on_call, name="on_call"),
    path("alerts/on-call/absences/<int:pk>/end/", on_call.absence_end, name="absence_end"),
    path(
        "alerts/on-call/taken-over/<int:pk>/end/",
        on_call.rotation_give_back,
        name="rotation_give_back",
    ),
    path(
        "alerts/on-call/of-feature/<path:name>/",
        on_call.on_call_of_feature,
        name="on_call_of_feature",
    ),
    path(
        "alerts/on-call/rotations/<path:name>/take-over/",
        on_call.rotation_take_over,
        name="rotation_take_over",
    ),
    path("alerts/on-call/rotations/<path:name>/", on_call.rotation, name="rotation"),
    path("alerts/quiet/", quiet.quiet, name="quiet"),
    path("alerts/quiet/hours/", quiet.quiet_hours, name="quiet_hours"),
    path("alerts/quiet/<int:pk>/end/", quiet.maintenance_end, name="maintenance_end"),
    path("alerts/of-alarm/<int:pk>/", incidents.incident_of_alarm, name="incident_of_alarm"),
    path("alerts/rules/", rules.rule_list, name="rules"),
    path("alerts/rules/new/", rule_editor.rule_new, name="rule_new"),
    path("alerts/rules/fields/", rule_editor.rule_fields, name="rule_fields"),
    path("alerts/rules/preview/", rule_editor.rule_preview, name="rule_preview"),
    path("alerts/rules/ready/<path:key>/", rules.rule_ready, name="rule_ready"),
    path(_RULE, rules.rule, name="rule"),
    path(f"{_RULE}past/", rules.rule_past, name="rule_past"),
    path(f"{_RULE}edit/", rule_editor.rule_edit, name="rule_edit"),
    path(f"{_RULE}mute/", rules.rule_mute, name="rule_mute"),
    path(f"{_RULE}switch/", rules.rule_switch, name="rule_switch"),
    path(f"{_RULE}delete/", rules.rule_delete, name="rule_delete"),
    path(_ONE, incidents.incident, name="incident"),
    path(f"{_ONE}acknowledge/", acts.incident_acknowledge, name="acknowledge"),
    path(f"{_ONE}snooze/", acts.incident_snooze, name="snooze"),
    path(f"{_ONE}resolve/", acts.incident_resolve, name="resolve"),
    path(f"{_ONE}assign/", acts.incident_assign, name="assign"),
    path(f"{_ONE}rollback/", acts.incident_rollback, name="rollback"),
    path("settings/alerts/", channels.channel_list, name="channels"),
    path("settings/alerts/wishes/", channels.settings_save, name="settings"),
    path(_CHANNEL, channels.channel, name="channel"),
    path(f"{_CHANNEL}test/", channels.channel_test, name="channel_test"),
    path(f"{_CHANNEL}switch/", channels.channel_switch, name="channel_switch"),
    path(f"{_CHANNEL}delete/", channels.channel_delete, name="channel_delete"),
]
