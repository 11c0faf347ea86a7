"""The pages of one thing side by side: of a drill its plan, its conduct, its report."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, request, url_for
from flask_babel import lazy_gettext as _l

from drills.accounts.permissions import Permission, permits
from drills.web.session import visitor


@dataclass(frozen=True, slots=True)
class Tab:
    """One page of a thing; its address takes ``<table>_id`` and nothing else.

    ``owns``: beginnings of the other endpoints that stand under this tab. ``count`` asks the
    thing for the number shown beside the label.
    """

    key: str
    label: Any
    endpoint: str
    permission: Permission
    owns: tuple[str, ...] = ()
    count: Callable[[Any], int] | None = None
    when: Callable[[Any], bool] | None = None
    """Whether the thing has this page at all."""


@dataclass(frozen=True, slots=True)
class Item:
    """A tab as one person sees it on one page."""

    key: str
    label: str
    href: str
    is_current: bool
    count: int | None = None


_DRILL, _SYSTEM = Permission.DRILL_VIEW, Permission.SYSTEM_VIEW
_OBLIGATION = Permission.OBLIGATION_VIEW

TABS: Mapping[str, tuple[Tab, ...]] = {
    "drill": (
        Tab("show", _l("Overview"), "exercises.show", _DRILL),
        Tab(
            "participation",
            _l("Our part"),
            "exercises.participation_of",
            _DRILL,
            ("exercises.participation", "exercises.received"),
            when=lambda drill: drill.participation is not None,
        ),
        Tab("plan", _l("Plan"), "exercises.plan_of", _DRILL, ("exercises.plan_",)),
        Tab("msel", _l("MSEL (injects)"), "exercises.msel", _DRILL, owns=("exercises.msel",)),
        Tab(
            "conduct",
            _l("Conduct"),
            "exercises.conduct",
            _DRILL,
            ("exercises.conduct", "exercises.play", "exercises.log"),
        ),
        Tab(
            "evaluation",
            _l("Evaluation"),
            "exercises.evaluation",
            _DRILL,
            ("exercises.survey", "exercises.afterwards"),
        ),
        Tab("findings", _l("Findings and actions"), "findings.of_drill", _DRILL),
        Tab(
            "report",
            _l("Report"),
            "findings.report",
            Permission.DRILL_SECRETS,
            ("findings.report",),
        ),
    ),
    "system": (
        Tab("show", _l("Record"), "systems.show", _SYSTEM),
        Tab("dossiers", _l("Dossiers"), "approvals.of_system", _SYSTEM),
        Tab("decisions", _l("Decisions"), "approvals.decisions", _SYSTEM),
        Tab("plan", _l("Protection plan"), "approvals.plan_of", _SYSTEM),
        Tab("checks", _l("Checks"), "approvals.checks_of", _SYSTEM),
        Tab("drills", _l("Drills"), "exercises.of_system", _SYSTEM),
        Tab("obligations", _l("Obligations"), "obligations.of_system", _OBLIGATION),
    ),
    "person": (
        Tab(
            "show",
            _l("Person"),
            "roster.person",
            Permission.TEAM_VIEW,
            ("roster.edit_person", "roster.add_channel", "roster.hand_over", "roster.remove"),
        ),
        Tab(
            "skills",
            _l("Qualifications"),
            "roster.skills_of",
            Permission.SKILL_VIEW,
            ("roster.assess", "roster.add_certificate", "roster.edit_certificate"),
        ),
        Tab("drills", _l("Drills"), "exercises.of_person", _DRILL),
        Tab("obligations", _l("Obligations"), "obligations.of_person", _OBLIGATION),
    ),
    "team": (
        Tab("show", _l("Team"), "roster.show", Permission.TEAM_VIEW),
        Tab("drills", _l("Drills"), "exercises.of_team", _DRILL),
        Tab("obligations", _l("Obligations"), "obligations.of_team", _OBLIGATION),
    ),
    "unit": (
        Tab("show", _l("Unit"), "units.show", Permission.UNIT_VIEW),
        Tab("drills", _l("Drills"), "exercises.of_unit", Permission.UNIT_VIEW),
        Tab("obligations", _l("Obligations"), "obligations.of_unit", _OBLIGATION),
    ),
}
"""By the name of the thing's table. A tab whose page does not exist is not shown."""


def tabs(kind: str, subject: Any) -> list[Item]:
    """The tabs of ``subject`` that the person at hand may open; none where there is but one."""
    person = visitor()
    seen = [
        _item(tab, kind, subject)
        for tab in TABS[kind]
        if tab.endpoint in current_app.view_functions
        and person is not None
        and permits(person, tab.permission, subject)
        and (tab.when is None or tab.when(subject))
    ]
    return seen if len(seen) > 1 else []


def _item(tab: Tab, kind: str, subject: Any) -> Item:
    here = request.endpoint or ""
    return Item(
        key=tab.key,
        label=str(tab.label),
        href=url_for(tab.endpoint, **{f"{kind}_id": subject.id}),
        is_current=here == tab.endpoint or here.startswith(tab.owns),
        count=tab.count(subject) if tab.count else None,
    )


def init_app(app: Flask) -> None:
    app.jinja_env.globals["tabs"] = tabs
