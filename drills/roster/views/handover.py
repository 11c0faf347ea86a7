from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_timezone, ngettext

from drills.accounts.models import Person
from drills.accounts.permissions import Permission
from drills.core import clock
from drills.extensions import db
from drills.roster.forms.handover import HandoverForm
from drills.roster.models import TEAM_ROLES
from drills.roster.services.handover import Estate, estate, hand_over
from drills.roster.views.blueprint import bp
from drills.roster.views.membership import tried
from drills.web.access import requires
from drills.web.pages import form_page
from drills.web.session import current_person


@bp.route("/people/<int:person_id>/hand-over", methods=["GET", "POST"])
@requires(Permission.TEAM_EDIT, on=Person)
def hand_over_work(person: Person) -> ResponseReturnValue:
    form, by = HandoverForm(data={"on": clock.today(get_timezone())}), current_person()
    done: list[Estate] = []
    if form.validate_on_submit() and tried(
        form, lambda: done.append(hand_over(db.session, person, form.details(), by=by))
    ):
        count = done[0].size
        flash(ngettext("%(num)s thing went over.", "%(num)s things went over.", count), "success")
        return redirect(url_for(".person", person_id=form.successor_id.data))
    whole = estate(db.session, person, by=by)
    shown = {"person": person, "estate": whole, "roles": TEAM_ROLES}
    return form_page("roster/hand_over.html", form, **shown)
