"""What the letters of each kind are about: one entry for each kind of reminder."""

from collections.abc import Callable, Mapping
from typing import Any

from drills.reminders.letters.matters import deadlines, digest, drills, people
from drills.reminders.letters.matters.matter import Matter
from drills.reminders.letters.reading import Reader
from drills.reminders.models import DIGEST, Delivery

MATTERS: Mapping[str, Callable[[Delivery, Any, Reader], Matter]] = {
    "drill": drills.upcoming,
    "drill_changed": drills.changed,
    "drill_off": drills.ended,
    "drill_left": drills.ended,
    "invitation": drills.invitation,
    "rsvp_missing": drills.unanswered,
    "registration_deadline": deadlines.edition,
    "round_deadline": deadlines.round_,
    "survey": people.survey,
    "decision_expiring": deadlines.decision,
    "decision_review": deadlines.decision,
    "dossier_clock": deadlines.dossier,
    "condition_due": deadlines.condition,
    "action_due": deadlines.action,
    "certificate_expiring": deadlines.certificate,
    "contact_ask": people.contact_ask,
    "shift": people.shift,
    "obligation_due": deadlines.obligation,
    "aar_due": deadlines.report,
    "delivery_failed": people.undelivered,
    DIGEST: digest.digest,
}
"""By the kind's key: (delivery, its subject, who reads) to what the letter is about."""

__all__ = ["MATTERS", "Matter"]
