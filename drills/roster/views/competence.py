"""Assessing somebody: one skill with its evidence, or all of them by one form."""

from typing import Any

import sqlalchemy as sa
from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone, ngettext
from flask_babel import gettext as _

from drills.accounts.models import Person
from drills.accounts.permissions import Permission
from drills.core import clock
from drills.extensions import db
from drills.files.receiving import receive
from drills.files.sending import send
from drills.roster.forms.qualifications import CompetenceForm, levels_form
from drills.roster.models import EXPERT_GROUPS, Competence, ExpertGroup, Skill
from drills.roster.services import competence as services
from drills.roster.views.blueprint import bp
from drills.roster.views.trying import tried
from drills.web.access import load, requires
from drills.web.pages import form_page
from drills.web.session import current_person


@bp.route("/people/<int:person_id>/skills/<int:skill_id>", methods=["GET", "POST"])
@requires(Permission.SKILL_EDIT, on=Person)
def assess(person: Person, skill_id: int) -> ResponseReturnValue:
    skill: Any = load(Skill, skill_id)
    found = services.competence_of(db.session, person, skill)
    today = clock.today(get_timezone())
    fresh = {"assessed_on": today, "expires_on": services.expiry(skill, today)}
    form = CompetenceForm(obj=found, data=None if found else fresh)
    if form.validate_on_submit() and tried(form, lambda: _assess(form, person, skill)):
        flash(_("It has been saved."), "success")
        return redirect(url_for(".skills_of", person_id=person.id))
    shown = {"person": person, "skill": skill, "found": found}
    return form_page("roster/qualifications/competence.html", form, **shown)


def _assess(form: CompetenceForm, person: Person, skill: Skill) -> None:
    by, sent = current_person(), form.upload.data
    file = receive(db.session, sent, by=by) if sent else None
    services.assess(db.session, person, skill, form.details(), by=by, file=file)


@bp.route("/people/<int:person_id>/skills/edit", methods=["GET", "POST"])
@requires(Permission.SKILL_EDIT, on=Person)
def assess_all(person: Person) -> ResponseReturnValue:
    skills = list(db.session.scalars(sa.select(Skill).where(Skill.is_active).order_by(Skill.sort)))
    query = sa.select(Competence).where(Competence.person_id == person.id)
    stands = {one.skill_id: one.level for one in db.session.scalars(query)}
    form = levels_form(skills, stands)()
    if form.validate_on_submit():
        levels = {skill.id: form[f"skill_{skill.id}"].data for skill in skills}
        by, today = current_person(), clock.today(get_timezone())
        count = services.assess_all(db.session, person, levels, by=by, on=today)
        db.session.commit()
        flash(ngettext("%(num)s level changed.", "%(num)s levels changed.", count), "success")
        return redirect(url_for(".skills_of", person_id=person.id))
    shown = {"person": person, "groups": EXPERT_GROUPS, "by_group": _by_group(skills)}
    return form_page("roster/qualifications/levels.html", form, **shown)


def _by_group(skills: list[Skill]) -> dict[ExpertGroup, list[Skill]]:
    return {group: [one for one in skills if one.expert_group is group] for group in ExpertGroup}


@bp.get("/competences/<int:competence_id>/file")
@requires(Permission.SKILL_VIEW, on=Competence)
def competence_file(competence: Competence) -> ResponseReturnValue:
    return send(competence.file) if competence.file else ("", 404)
