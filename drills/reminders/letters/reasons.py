"""Why somebody is written to, in a sentence at the foot of the letter."""

from flask_babel import gettext as _

from drills.accounts.models import ROLE_NAMES, Role
from drills.core.text import N_
from drills.reminders.models import Delivery

ROLE = "role:"
REASONS = {
    "lead": N_("You receive this because you lead %(subject)s."),
    "participants": N_("You receive this because you take part in %(subject)s."),
    "invited": N_("You receive this because you are invited to %(subject)s."),
    "told": N_("You receive this because you were told of %(subject)s before."),
    "named": N_("You receive this because your agency named you for such messages."),
    "digest": N_("You receive this because you chose to have your messages once a day."),
    "owner": N_("You receive this because %(subject)s is in your hands."),
    "owner_deputy": N_(
        "You receive this because you stand in for whoever has %(subject)s in hand."
    ),
    "self": N_("You receive this because it concerns you yourself."),
    "unit_officers": N_("You receive this because you are an officer of the unit in charge."),
    "manager": N_("You receive this because you are a manager of the unit in charge."),
}
"""By the audience's key; those of a role are made from the role's name."""


def why(delivery: Delivery, subject: str) -> str:
    """Of a delivery about ``subject``; its reason is the key of an audience."""
    reason = delivery.reason
    if delivery.stands_in_for:
        name = delivery.stands_in_for.name
        text: str = _("You receive this because you stand in for %(person)s.", person=name)
    elif reason.startswith(ROLE):
        role = _(ROLE_NAMES[Role(reason.removeprefix(ROLE))])
        text = _("You receive this because you are: %(role)s.", role=role)
    else:
        text = _(REASONS[reason], subject=subject)
    return text
