"""Forms of the governance room."""

from django import forms

from exovigil.foundation.forms import ActionForm
from exovigil.governance.roles import MEMBER_ROLES


class MemberForm(ActionForm):
    """Adds a person to a site in one role."""

    name = forms.CharField(max_length=120, error_messages={"required": "Enter the person's name."})
    email = forms.EmailField(
        label="E-mail address",
        help_text="They sign in with it.",
        error_messages={
            "required": "Enter the e-mail address.",
            "invalid": "Enter an e-mail address, such as name@clinic.example.",
        },
    )
    role = forms.ChoiceField(
        choices=[(r.key, f"{r.display_name}: {r.description}") for r in MEMBER_ROLES.values()],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a role."},
    )
    password = forms.CharField(
        label="First password",
        min_length=12,
        required=False,
        help_text="Needed only for a new account: 12 characters or more. Hand it over in person.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
