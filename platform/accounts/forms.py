"""What people type into the pages of `accounts`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils import timezone

from accounts.models import SLUG, Organization, Project, Role, Scope, User, default_scopes

THEMES = [("", "As the system"), ("light", "Light"), ("dark", "Dark")]
LIVES = [("", "Never"), ("30", "In 30 days"), ("90", "In 90 days"), ("365", "In a year")]


class StyledForm(forms.Form):
    """Fields look like the product's; ids are unique on pages with several forms."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if not isinstance(
                field.widget,
                forms.CheckboxInput | forms.CheckboxSelectMultiple | forms.RadioSelect,
            ):
                field.widget.attrs.setdefault("class", "field")


def _password(label: str, *, autocomplete: str, help_text: str = "") -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(
        label=label, strip=False, max_length=4096, widget=widget, help_text=help_text
    )


class LoginForm(StyledForm):
    """Who signs in."""

    email = forms.EmailField(
        label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    password = _password("Password", autocomplete="current-password")


class ResetRequestForm(StyledForm):
    """Whose password is lost."""

    email = forms.EmailField(
        label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )


class NewPasswordForm(StyledForm):
    """A new password for `user`."""

    password = _password(
        "New password", autocomplete="new-password", help_text="At least 10 characters."
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        """Not too short, too common or too like the person."""
        password: str = self.cleaned_data["password"]
        validate_password(password, self.user)
        return password


class JoinForm(NewPasswordForm):
    """Somebody new accepts an invitation."""

    name = forms.CharField(
        label="Your name", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    field_order = ("name", "password")


class ChangePasswordForm(NewPasswordForm):
    """A person changes their own password."""

    current = _password("Current password", autocomplete="current-password")
    field_order = ("current", "password")


class ProfileForm(StyledForm):
    """Name and looks."""

    name = forms.CharField(
        label="Name",
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    theme = forms.ChoiceField(
        label="Theme", choices=THEMES, required=False, widget=forms.RadioSelect
    )
    shortcuts_on = forms.BooleanField(label="Single-key shortcuts", required=False)


class ProjectForm(StyledForm):
    """A new project."""

    name = forms.CharField(
        label="Name", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    slug = forms.CharField(
        label="Address name",
        max_length=63,
        required=False,
        validators=[SLUG],
        help_text="Stands in every address and never changes. Left empty, made from the name.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    organization = forms.ModelChoiceField(Organization.objects.none(), label="Organization")

    def __init__(self, *args: Any, organizations: list[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["organization"]
        assert isinstance(choice, forms.ModelChoiceField)  # noqa: S101  (as declared above)
        choice.queryset = Organization.objects.filter(pk__in=[row.pk for row in organizations])
        choice.empty_label = None
        if len(organizations) == 1:
            choice.initial = organizations[0]
            choice.widget = choice.hidden_widget()


class RenameForm(StyledForm):
    """A project's name."""

    name = forms.CharField(
        label="Name", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class DeleteForm(StyledForm):
    """The name of a project, typed to delete it."""

    typed_name = forms.CharField(
        label="Name of the project",
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.project = project
        self.fields["typed_name"].help_text = f"Type {project.name} to confirm."

    def clean_typed_name(self) -> str:
        """Exactly the name."""
        typed: str = self.cleaned_data["typed_name"]
        if typed.strip() != self.project.name:
            raise forms.ValidationError(f"This is not {self.project.name}.")
        return typed


class InviteForm(StyledForm):
    """Whom to invite, as what, and into how much."""

    email = forms.EmailField(label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    role = forms.ChoiceField(label="Role", choices=Role.choices, initial=Role.ENGINEER)
    reach = forms.ChoiceField(label="For")

    def __init__(
        self, *args: Any, project: Project, most: Role, whole: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        roles = [role for role in Role if role.rank <= most.rank]
        self.fields["role"] = forms.ChoiceField(
            label="Role",
            choices=[(role.value, role.label) for role in roles],
            initial=Role.ENGINEER,
            widget=forms.Select(attrs={"class": "field"}),
        )
        reaches = [("project", f"{project.name} only")]
        if whole:
            reaches.append(("organization", f"All of {project.organization.name}"))
        self.fields["reach"] = forms.ChoiceField(
            label="For", choices=reaches, widget=forms.Select(attrs={"class": "field"})
        )


class RoleForm(forms.Form):
    """Another role for a member."""

    role = forms.ChoiceField(choices=Role.choices)


class KeyForm(StyledForm):
    """A new key."""

    name = forms.CharField(
        label="Name",
        max_length=80,
        help_text="Who uses it: a service, a person, a job.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label="May",
        choices=Scope.choices,
        initial=default_scopes,
        widget=forms.CheckboxSelectMultiple,
    )
    life = forms.ChoiceField(label="Expires", choices=LIVES, required=False)

    def __init__(self, *args: Any, may_give_admin: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_give_admin:
            scopes = self.fields["scopes"]
            assert isinstance(scopes, forms.MultipleChoiceField)  # noqa: S101  (as declared above)
            scopes.choices = [
                (scope.value, scope.label) for scope in Scope if scope is not Scope.ADMIN
            ]

    def expires_at(self) -> datetime | None:
        """When the key shall end, or None."""
        days = self.cleaned_data["life"]
        return timezone.now() + timedelta(days=int(days)) if days else None


class ScopesForm(forms.Form):
    """Other scopes for a key."""

    scopes = forms.MultipleChoiceField(choices=Scope.choices)
