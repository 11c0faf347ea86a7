from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from drills.accounts.models import Person
from drills.accounts.permissions import Permission
from drills.extensions import db
from drills.roster.forms.removal import RemovalForm
from drills.roster.services.handover import estate
from drills.roster.services.removal import remove_personal_data
from drills.roster.views.blueprint import bp
from drills.roster.views.membership import tried
from drills.web.access import requires
from drills.web.pages import form_page
from drills.web.session import current_person


@bp.route("/people/<int:person_id>/remove", methods=["GET", "POST"])
@requires(Permission.PERSON_REMOVE, on=Person)
def remove_person(person: Person) -> ResponseReturnValue:
    form, by = RemovalForm(), current_person()
    if form.validate_on_submit() and tried(
        form, lambda: remove_personal_data(db.session, person, form.details(), by=by)
    ):
        flash(_("The personal data have been removed."), "success")
        return redirect(url_for(".person", person_id=person.id))
    count = len(estate(db.session, person, by=None).items)
    return form_page("roster/remove.html", form, person=person, count=count)
