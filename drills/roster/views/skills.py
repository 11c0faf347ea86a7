"""The list of skills that are assessed, and the work roles they belong to."""

import sqlalchemy as sa
from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import selectinload

from drills.accounts.permissions import Permission
from drills.extensions import db
from drills.roster.forms.qualifications import SkillForm
from drills.roster.models import EXPERT_GROUPS, FRAMEWORKS, ExpertGroup, Skill, WorkRole
from drills.roster.services import skills as services
from drills.roster.views.blueprint import bp
from drills.roster.views.trying import tried
from drills.web.access import requires
from drills.web.pages import form_page
from drills.web.session import current_person


@bp.get("/skills/list")
@requires(Permission.SKILL_VIEW)
def skill_list() -> ResponseReturnValue:
    query = sa.select(Skill).options(selectinload(Skill.work_roles))
    found = db.session.scalars(query.order_by(Skill.is_active.desc(), Skill.sort)).all()
    groups = {group: [one for one in found if one.expert_group is group] for group in ExpertGroup}
    words = {"names": EXPERT_GROUPS, "frameworks": FRAMEWORKS}
    return render_template("roster/qualifications/skills.html", groups=groups, all=found, **words)


@bp.post("/skills/load")
@requires(Permission.SETTINGS_EDIT)
def load_skills() -> ResponseReturnValue:
    count = services.load_shipped(db.session, by=current_person())
    db.session.commit()
    flash(
        ngettext("%(num)s skill has been added.", "%(num)s skills have been added.", count),
        "success",
    )
    return redirect(url_for(".skill_list"))


@bp.route("/skills/new", methods=["GET", "POST"])
@requires(Permission.SETTINGS_EDIT)
def add_skill() -> ResponseReturnValue:
    form = SkillForm(_roles())
    if form.validate_on_submit() and tried(
        form, lambda: services.add_skill(db.session, form.details(), by=current_person())
    ):
        flash(_("It has been saved."), "success")
        return redirect(url_for(".skill_list"))
    return form_page("roster/qualifications/skill.html", form, skill=None)


@bp.route("/skills/<int:skill_id>/edit", methods=["GET", "POST"])
@requires(Permission.SETTINGS_EDIT, on=Skill)
def edit_skill(skill: Skill) -> ResponseReturnValue:
    form = SkillForm(_roles(), obj=skill, data={"work_role_ids": [r.id for r in skill.work_roles]})
    if form.validate_on_submit() and tried(
        form, lambda: services.revise_skill(db.session, skill, form.details(), by=current_person())
    ):
        flash(_("It has been saved."), "success")
        return redirect(url_for(".skill_list"))
    return form_page("roster/qualifications/skill.html", form, skill=skill)


def _roles() -> list[WorkRole]:
    query = sa.select(WorkRole).order_by(WorkRole.framework.desc(), WorkRole.code)
    return list(db.session.scalars(query))
