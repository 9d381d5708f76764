"""Allauth's forms in the house's words: British labels, and no placeholder that only repeats its label."""

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp

LABELS = {
    "Email": "E-mail address",
    "Current Password": "Current password",
    "New Password": "New password",
    "New Password (again)": "New password again",
    "Password (again)": "Password again",
    "Code": "Code from your app, or a recovery code",
    "Authenticator code": "Code that your app shows now",
}


class InHouseWords:
    """Relabels the fields of the form it is mixed into."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():  # type: ignore[attr-defined]
            field.label = LABELS.get(str(field.label), field.label)
            field.widget.attrs.pop("placeholder", None)


class LoginForm(InHouseWords, account.LoginForm):  # type: ignore[misc]
    """Signing in."""


class AddEmailForm(InHouseWords, account.AddEmailForm):  # type: ignore[misc]
    """Another e-mail address."""


class ChangePasswordForm(InHouseWords, account.ChangePasswordForm):  # type: ignore[misc]
    """Changing one's password."""


class SetPasswordForm(InHouseWords, account.SetPasswordForm):  # type: ignore[misc]
    """Setting a first password."""


class ResetPasswordForm(InHouseWords, account.ResetPasswordForm):  # type: ignore[misc]
    """Asking for a new password."""


class ResetPasswordKeyForm(InHouseWords, account.ResetPasswordKeyForm):  # type: ignore[misc]
    """Setting a new password from the link."""


class ReauthenticateForm(InHouseWords, account.ReauthenticateForm):  # type: ignore[misc]
    """Proving again who one is, by password."""


class CodeForm(InHouseWords, mfa.AuthenticateForm):  # type: ignore[misc]
    """The code at sign-in."""


class CodeAgainForm(InHouseWords, mfa.ReauthenticateForm):  # type: ignore[misc]
    """Proving again who one is, by code."""


class ActivateTOTPForm(InHouseWords, totp.ActivateTOTPForm):  # type: ignore[misc]
    """The first code of a new app."""
