"""Addresses of incidents and channels, below a project."""

from django.urls import path

from alerts.views import acts, channels, incidents, objectives, on_call

_ONE, _CHANNEL = "alerts/<int:pk>/", "settings/alerts/<int:pk>/"

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
    path("alerts/of-alarm/<int:pk>/", incidents.incident_of_alarm, name="incident_of_alarm"),
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
