"""Addresses of the pages of `accounts`."""

from django.urls import path

from accounts.views import (
    general,
    invitations,
    keys,
    me,
    members,
    palette,
    projects,
    reset,
    sessions,
)

_SETTINGS = "p/<slug:project_slug>/settings/"

app_name = "accounts"
urlpatterns = [
    path("", projects.home, name="home"),
    path("projects/", projects.project_list, name="projects"),
    path("projects/new/", projects.project_new, name="project_new"),
    path("login/", sessions.login, name="login"),
    path("logout/", sessions.logout, name="logout"),
    path("reset/", reset.reset_request, name="reset"),
    path("reset/<str:uid>/<str:token>/", reset.reset_confirm, name="reset_confirm"),
    path("invite/<str:token>/", invitations.invitation, name="invitation"),
    path("me/", me.me, name="me"),
    path("me/password/", me.me_password, name="me_password"),
    path("find/", palette.find, name="find_anywhere"),
    path("p/<slug:project_slug>/find/", palette.find, name="find"),
    path(_SETTINGS, general.settings_start, name="settings"),
    path(f"{_SETTINGS}general/", general.general, name="general"),
    path(f"{_SETTINGS}general/delete/", general.project_delete, name="project_delete"),
    path(f"{_SETTINGS}members/", members.member_list, name="members"),
    path(f"{_SETTINGS}members/<int:pk>/role/", members.member_role, name="member_role"),
    path(f"{_SETTINGS}members/<int:pk>/remove/", members.member_remove, name="member_remove"),
    path(f"{_SETTINGS}members/<int:pk>/reset/", members.member_reset, name="member_reset"),
    path(
        f"{_SETTINGS}members/invitations/<int:pk>/revoke/",
        members.invitation_revoke,
        name="invitation_revoke",
    ),
    path(f"{_SETTINGS}keys/", keys.key_list, name="keys"),
    path(f"{_SETTINGS}keys/<int:pk>/rotate/", keys.key_rotate, name="key_rotate"),
    path(f"{_SETTINGS}keys/<int:pk>/revoke/", keys.key_revoke, name="key_revoke"),
    path(f"{_SETTINGS}keys/<int:pk>/scopes/", keys.key_scopes, name="key_scopes"),
]
