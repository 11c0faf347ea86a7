"""A refusal for the sake of duties leaves nothing but its entry in the trail."""

from flask.typing import ResponseReturnValue

from drills.approvals.services import duties
from drills.approvals.views.blueprint import bp
from drills.extensions import db
from drills.web.errors import answer


@bp.errorhandler(duties.Barred)
def barred(error: duties.Barred) -> ResponseReturnValue:
    db.session.rollback()
    duties.note(db.session, error)
    db.session.commit()
    return answer(error)
