"""The application factory: the one place where the parts are put together."""

from collections.abc import Mapping
from inspect import iscoroutinefunction
from typing import Any

from flask import Flask, request
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from drills import resources, settings
from drills.accounts import security
from drills.accounts.views import bp as accounts
from drills.approvals.views import bp as approvals
from drills.audit import services as audit
from drills.audit.models import keep_secret
from drills.audit.views import bp as audit_pages
from drills.core import database
from drills.demo.views import bp as demo
from drills.documents.views import bp as documents
from drills.exercises import secrecy
from drills.exercises.fields import DRILLS, SCENARIOS, SYSTEMS
from drills.exercises.views import bp as exercises
from drills.exercises.views.feeds import add_to_feeds
from drills.extensions import babel, csrf, db
from drills.findings.views import bp as findings
from drills.health.views import bp as health
from drills.obligations.views import bp as obligations
from drills.obligations.views.feed import due_days
from drills.reminders.views import bp as reminders
from drills.reports.views import bp as reports
from drills.roster.views import bp as roster
from drills.setup.views import bp as setup
from drills.systems.views import bp as systems
from drills.units.views import bp as units
from drills.web import access, assets, errors, filters, headers, language, pages, pick, tabs
from drills.web.design import bp as design
from drills.web.switches import bp as switches
from drills.workdays.views import bp as workdays

BLUEPRINTS = (
    switches,
    pick.bp,
    design,
    units,
    accounts,
    audit_pages,
    documents,
    workdays,
    systems,
    roster,
    approvals,
    exercises,
    findings,
    obligations,
    reminders,
    reports,
    setup,
    demo,
    health,
)


def create_app(overrides: Mapping[str, Any] | None = None) -> Flask:
    """Build the WSGI application from ``config.py``, the environment and ``overrides``."""
    config = settings.read(overrides)
    app = Flask(
        "drills",
        root_path=str(resources.PACKAGE),
        template_folder=str(resources.TEMPLATES),
        static_folder=str(resources.STATIC),
        instance_path=str(config["DATA"]),
    )
    app.config.update(config)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.before_request(_open_request)
    _extend(app)
    for part in (access, assets, errors, filters, headers, pages, tabs):
        part.init_app(app)
    keep_secret(secrecy.SECRETS)
    add_to_feeds(due_days)
    pick.offer(app, SYSTEMS, DRILLS, SCENARIOS)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app


def _extend(app: Flask) -> None:
    db.init_app(app)
    # there is no asynchronous engine, and closing none of its sessions would start an event
    # loop at the end of every request
    app.teardown_appcontext_funcs = [
        close for close in app.teardown_appcontext_funcs if not iscoroutinefunction(close)
    ]
    with app.app_context():
        database.prepare(db.engine)
    csrf.init_app(app)
    babel.init_app(
        app,
        default_locale=app.config["LANGUAGE"],
        default_timezone=app.config["TIME_ZONE"],
        locale_selector=language.language,
        timezone_selector=language.zone,
    )
    security.init_app(app)
    if proxies := app.config["PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, proxies, proxies, proxies, 0, 0)  # type: ignore[method-assign]


def _open_request() -> None:
    audit.origin.set("web")
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        database.begin_reading()
    else:
        database.begin_writing()
