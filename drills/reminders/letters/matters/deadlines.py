"""What is due on a day: registrations, levels, dossiers, conditions, actions, certificates."""

from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import object_session

from drills.approvals.models import Condition, Dossier
from drills.approvals.models.clocks import CLOCKS
from drills.approvals.services.clocks import clocks
from drills.core import due
from drills.exercises.models import Drill, Edition, Round
from drills.findings.models import CorrectiveAction
from drills.obligations.models import Obligation
from drills.obligations.models.names import names
from drills.reminders.letters.matters.matter import Matter
from drills.reminders.letters.reading import Reader, page_address
from drills.reminders.models import Delivery
from drills.roster.models import Certificate
from drills.systems.models import Decision, InformationSystem
from drills.web.filters import day

Facts = list[tuple[str, str]]


def _due(delivery: Delivery, reader: Reader, **more: Any) -> dict[str, Any]:
    """What every template of a day needs."""
    on = delivery.anchor_on
    assert on is not None
    return {"due_on": on, "is_overdue": due.is_overdue(on, reader.today), **more}


def _due_fact(delivery: Delivery) -> tuple[str, str]:
    return _("Due on"), day(delivery.anchor_on)


def edition(delivery: Delivery, edition: Edition, reader: Reader) -> Matter:
    return Matter(
        title=edition.title,
        url=page_address("exercises.series_show", series_id=edition.series_id),
        thread=f"edition-{edition.id}",
        facts=_registration(delivery, edition),
        more=_due(delivery, reader),
    )


def round_(delivery: Delivery, one: Round, reader: Reader) -> Matter:
    return Matter(
        title=f"{one.edition.title}, {_(one.title)}",
        url=page_address("exercises.series_show", series_id=one.edition.series_id),
        thread=f"edition-{one.edition_id}",
        facts=_registration(delivery, one.edition),
        more=_due(delivery, reader),
    )


def _registration(delivery: Delivery, edition: Edition) -> Facts:
    rows = [(_("Register by"), day(delivery.anchor_on))]
    if edition.series.host:
        rows.append((_("Host"), edition.series.host))
    return rows


def _system_facts(system: InformationSystem, reader: Reader) -> Facts:
    return [(_("System"), system.name), (_("Owner"), system.owner.title(reader.language))]


def decision(delivery: Delivery, decision: Decision, reader: Reader) -> Matter:
    facts = [
        _due_fact(delivery),
        *_system_facts(decision.system, reader),
        (_("Level"), str(decision.level)),
        (_("Decision"), decision.number),
    ]
    return Matter(
        title=decision.system.name,
        code=decision.system.code,
        url=page_address("systems.show", system_id=decision.system_id),
        thread=f"system-{decision.system_id}",
        facts=facts,
        more=_due(delivery, reader),
    )


def dossier(delivery: Delivery, dossier: Dossier, reader: Reader) -> Matter:
    session = object_session(dossier)
    assert session
    clock = clocks(session, [dossier], reader.today)[dossier.id]
    what = _(CLOCKS[clock.kind]) if clock else _("Dossier")
    return Matter(
        title=dossier.system.name,
        code=dossier.code,
        url=page_address("approvals.dossier", dossier_id=dossier.id),
        thread=f"dossier-{dossier.id}",
        facts=[(_("Step"), what), _due_fact(delivery), *_system_facts(dossier.system, reader)],
        more=_due(delivery, reader, what=what),
    )


def condition(delivery: Delivery, condition: Condition, reader: Reader) -> Matter:
    decision = condition.decision
    facts = [
        _due_fact(delivery),
        *_system_facts(decision.system, reader),
        (_("Decision"), decision.number),
    ]
    return Matter(
        title=condition.title,
        code=decision.system.code,
        url=page_address("approvals.condition", condition_id=condition.id),
        thread=f"condition-{condition.id}",
        facts=facts,
        more=_due(delivery, reader),
    )


def action(delivery: Delivery, action: CorrectiveAction, reader: Reader) -> Matter:
    facts = [
        _due_fact(delivery),
        (_("Who does it"), action.owner.name),
        (_("Unit"), action.unit.title(reader.language)),
        (_("Drill"), f"{action.drill.title} ({action.drill.code})"),
    ]
    return Matter(
        title=action.title,
        code=action.code,
        url=page_address("findings.show", corrective_action_id=action.id),
        thread=f"corrective_action-{action.id}",
        facts=facts,
        more=_due(delivery, reader),
    )


def certificate(delivery: Delivery, certificate: Certificate, reader: Reader) -> Matter:
    rows = [(_("Valid until"), day(delivery.anchor_on)), (_("Person"), certificate.person.name)]
    if certificate.number:
        rows.append((_("Number"), certificate.number))
    return Matter(
        title=certificate.name,
        url=page_address("roster.person", person_id=certificate.person_id),
        thread=f"certificate-{certificate.id}",
        facts=rows,
        more=_due(delivery, reader, holder=certificate.person.name),
    )


def obligation(delivery: Delivery, obligation: Obligation, reader: Reader) -> Matter:
    session = object_session(obligation)
    assert session
    found = names(session, {obligation.subject_kind: [obligation.subject_id]})
    name, _code = found.get((obligation.subject_kind, obligation.subject_id), ("", ""))
    return Matter(
        title=obligation.rule.title_in(reader.language),
        url=page_address("obligations.note", obligation_id=obligation.id),
        thread=f"obligation-{obligation.id}",
        facts=_obligation_facts(delivery, obligation, name, reader.today),
        more=_due(delivery, reader) | {"is_overdue": obligation.is_late},
    )


def _obligation_facts(delivery: Delivery, obligation: Obligation, name: str, on: date) -> Facts:
    version = obligation.rule.version_on(on)
    basis = ", ".join(filter(None, [version.article, version.legal_basis]))
    rows = [_due_fact(delivery), (_("Concerns"), name), (_("Legal basis"), basis)]
    return [(label, value) for label, value in rows if value]


def report(delivery: Delivery, obligation: Obligation, reader: Reader) -> Matter:
    """A drill whose report is due; the duty names it."""
    session = object_session(obligation)
    assert session
    drill = session.get(Drill, obligation.subject_id)
    assert drill
    return Matter(
        title=drill.title,
        code=drill.code,
        url=page_address("findings.report", drill_id=drill.id),
        thread=f"drill-{drill.id}",
        facts=_obligation_facts(
            delivery, obligation, obligation.rule.title_in(reader.language), reader.today
        ),
        is_drill=True,
        more=_due(delivery, reader) | {"is_overdue": obligation.is_late},
    )
