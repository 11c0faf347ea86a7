from collections.abc import Callable

from drills.core.errors import DomainError
from drills.extensions import db
from drills.web.errors import explain
from drills.web.forms import Form


def tried(form: Form, act: Callable[[], object]) -> bool:
    """Whether ``act`` was done and saved; what the domain forbids is told on top of ``form``."""
    try:
        act()
    except DomainError as error:
        db.session.rollback()
        form.form_errors.append(explain(error))
        return False
    db.session.commit()
    return True
