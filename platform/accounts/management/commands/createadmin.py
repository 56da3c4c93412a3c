"""`roadworthy createadmin`: make an owner, or make one of somebody who is there."""

from __future__ import annotations

import getpass
import sys
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from accounts.models import Organization, User
from accounts.services.people import make_owner, new_password


class Command(BaseCommand):
    """Makes or promotes an owner; also the way back in after a lost password."""

    help = "Make an owner of an organization, or set the password of one and promote them."

    def add_arguments(self, parser: CommandParser) -> None:
        """What is not given is asked for; without a terminal a password is made up."""
        parser.add_argument("--email", help="e-mail address to sign in with")
        parser.add_argument("--password", help="at least 10 characters; left out: asked or made up")
        parser.add_argument("--organization", help="slug; left out: the first organization")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print how to sign in."""
        is_terminal = sys.stdin.isatty()
        email = options["email"] or (input("E-mail: ") if is_terminal else "")
        password = options["password"]
        if not password and is_terminal:
            password = getpass.getpass("Password (empty: made up): ")
        try:
            validate_email(email)
            if password:
                validate_password(password, User(email=email))
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        organization = None
        if slug := options["organization"]:
            organization = Organization.objects.filter(slug=slug).first()
            if organization is None:
                raise CommandError(f"There is no organization {slug}.")
        if not password and User.objects.filter(email__iexact=email).exists():
            password = new_password()
        admin = make_owner(email, password=password or None, organization=organization)
        self.stdout.write(f"{admin.user.email} owns {admin.organization.name}.")
        if not options["password"]:
            self.stdout.write(f"password: {admin.password}")
