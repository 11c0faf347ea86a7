"""Rules: the list, and one with its subjects."""

from dataclasses import replace

import sqlalchemy as sa
from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from drills.accounts.permissions import Permission, visible
from drills.approvals.kinds.writing import json_text
from drills.extensions import db
from drills.obligations import fresh, lists
from drills.obligations.kinds.satisfaction import KINDS
from drills.obligations.lists import Wanted
from drills.obligations.models import SUBJECT_KINDS, Obligation, ObligationRule, Standing
from drills.obligations.services import rules as services
from drills.obligations.views import words
from drills.obligations.views.blueprint import bp
from drills.obligations.views.shown import lines
from drills.obligations.views.wall import sayings, strip
from drills.web.access import requires
from drills.web.pages import paged
from drills.web.session import current_person


@bp.get("/obligations/rules/")
@requires(Permission.OBLIGATION_VIEW)
def rules() -> ResponseReturnValue:
    fresh.refresh()
    late = (
        visible(Obligation, current_person())
        .where(Obligation.state == Standing.OVERDUE)
        .with_only_columns(Obligation.rule_id, sa.func.count())
        .group_by(Obligation.rule_id)
    )
    return render_template(
        "obligations/rules.html",
        rules=services.all_rules(db.session),
        overdue={row[0]: row[1] for row in db.session.execute(late)},
        today=fresh.today(),
        cadence=words.cadence,
        subject_kinds=SUBJECT_KINDS,
        kinds=KINDS,
    )


@bp.get("/obligations/rules/<int:obligation_rule_id>/")
@requires(Permission.OBLIGATION_VIEW, on=ObligationRule)
def rule(obligation_rule: ObligationRule) -> ResponseReturnValue:
    """Whom it asks, the loudest first; and what it says."""
    fresh.refresh()
    person = current_person()
    wanted = replace(Wanted.of(request.args), rules=(obligation_rule.id,))
    figures = lists.counts(db.session, wanted, person)
    page = paged(db.session, lists.obligations(wanted, person), lists.total(figures, wanted.states))
    return render_template(
        "obligations/rule.html",
        rule=obligation_rule,
        page=page,
        lines=lines(page.items),
        wanted=wanted,
        strip=strip(wanted, figures, rule=None),
        cadence=words.cadence,
        scope=words.scope,
        kinds=KINDS,
        **sayings(),
    )


@bp.get("/obligations/rules.json")
@requires(Permission.OBLIGATION_VIEW)
def rules_file() -> ResponseReturnValue:
    """All rules in the shape that can be handed in again."""
    found = [services.details_of(one) for one in services.all_rules(db.session)]
    headers = {"Content-Disposition": 'attachment; filename="obligations.json"'}
    return Response(json_text(services.written(found)), 200, headers, "application/json")
