"""The menu: a table of entries, and what of it a person may use."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import current_app, request, url_for
from flask.sansio.app import App
from flask_babel import lazy_gettext as _l

from drills.accounts.models import Person
from drills.accounts.permissions import Permission, permits

OF_A_SYSTEM = (
    "systems.",
    "approvals.of_system",
    "approvals.decision",
    "approvals.plan_of",
    "approvals.settle_plan",
    "approvals.measure",
    "approvals.import_plan",
    "approvals.check",
    "approvals.create_check",
    "approvals.edit_check",
    "approvals.determin",
    "exercises.of_system",
    "obligations.of_system",
)
"""Pages of one system, whichever feature they belong to."""
DUTY_PAGES = (
    "roster.duty_",
    "roster.shift",
    "roster.add_shift",
    "roster.edit_shift",
    "roster.swap_shift",
    "roster.stand_in",
)
TAB_KEYS = ("home", "drills", "systems", "approvals", "duty", "actions", "reminders")
TABS_MAX = 4


@dataclass(frozen=True, slots=True)
class Entry:
    """A page the menu leads to. ``owns``: beginnings of the other endpoints it stands for."""

    key: str
    icon: str
    label: str
    endpoint: str
    permission: Permission
    owns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """An entry as one person sees it on one page; ``is_hot`` makes the count ask for action."""

    key: str
    icon: str
    label: str
    href: str
    is_current: bool = False
    count: int | None = None
    is_hot: bool = False


Groups = list[tuple[str, list[Item]]]

MENU: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    ("", (Entry("home", "home", _l("Home"), "reports.home", Permission.HOME_VIEW),)),
    (
        _l("Drills"),
        (
            Entry(
                "drills",
                "target",
                _l("All drills"),
                "exercises.index",
                Permission.DRILL_VIEW,
                ("findings.of_drill", "findings.report"),
            ),
            Entry(
                "calendar",
                "cal",
                _l("Year plan"),
                "exercises.calendar",
                Permission.DRILL_VIEW,
                ("exercises.month", "exercises.feed"),
            ),
            Entry(
                "programmes",
                "list",
                _l("Programmes"),
                "exercises.programmes",
                Permission.PROGRAMME_VIEW,
                ("exercises.programme", "exercises.recurrence"),
            ),
            Entry(
                "scenarios",
                "file",
                _l("Library of scenarios"),
                "exercises.scenarios",
                Permission.SCENARIO_VIEW,
                ("exercises.scenario",),
            ),
            Entry(
                "series",
                "globe",
                _l("ACID and APCERT"),
                "exercises.series",
                Permission.SERIES_VIEW,
                ("exercises.series", "exercises.edition"),
            ),
            Entry(
                "actions",
                "check",
                _l("Corrective actions"),
                "findings.index",
                Permission.ACTION_VIEW,
            ),
            Entry(
                "obligations",
                "grid",
                _l("Obligations"),
                "obligations.wall",
                Permission.OBLIGATION_VIEW,
            ),
        ),
    ),
    (
        _l("Security levels"),
        (
            Entry(
                "systems",
                "server",
                _l("Register"),
                "systems.index",
                Permission.SYSTEM_VIEW,
                OF_A_SYSTEM,
            ),
            Entry(
                "approvals",
                "inbox",
                _l("Awaiting approval"),
                "approvals.desk",
                Permission.DOSSIER_VIEW,
            ),
            Entry(
                "conditions",
                "clip",
                _l("Conditions"),
                "approvals.conditions",
                Permission.DOSSIER_VIEW,
                ("approvals.condition", "approvals.edit_condition", "approvals.create_condition"),
            ),
            Entry(
                "figures",
                "grid",
                _l("Figures on levels"),
                "reports.levels",
                Permission.SYSTEM_VIEW,
                ("reports.level", "reports.form_08"),
            ),
            Entry(
                "coverage",
                "target",
                _l("Coverage by drills"),
                "exercises.coverage",
                Permission.SYSTEM_VIEW,
                ("exercises.coverage",),
            ),
        ),
    ),
    (
        _l("Incident response"),
        (
            Entry(
                "teams",
                "users",
                _l("Teams and members"),
                "roster.index",
                Permission.TEAM_VIEW,
            ),
            Entry(
                "duty",
                "clock",
                _l("Duty roster"),
                "roster.duty",
                Permission.DUTY_VIEW,
                DUTY_PAGES,
            ),
            Entry(
                "contacts",
                "mail",
                _l("Contact checks"),
                "roster.contact_checks",
                Permission.CONTACT_VIEW,
                ("roster.contact", "roster.open_contact"),
            ),
            Entry(
                "people",
                "user",
                _l("Personnel"),
                "roster.people",
                Permission.TEAM_VIEW,
                (
                    "roster.person",
                    "roster.edit_person",
                    "roster.hand_over",
                    "roster.remove_",
                    "roster.skills_of",
                    "roster.assess",
                    "roster.add_certificate",
                    "roster.edit_certificate",
                    "exercises.of_person",
                    "obligations.of_person",
                ),
            ),
            Entry(
                "skills",
                "grid",
                _l("Qualifications"),
                "roster.skills",
                Permission.SKILL_VIEW,
                (
                    "roster.skill_list",
                    "roster.add_skill",
                    "roster.edit_skill",
                    "roster.import_skills",
                    "roster.certificates",
                    "roster.import_certificates",
                    "roster.training",
                    "roster.add_training",
                    "roster.edit_training",
                    "roster.import_attendance",
                ),
            ),
        ),
    ),
    (
        _l("Administration"),
        (
            Entry(
                "regimes",
                "clip",
                _l("Rule sets"),
                "approvals.regimes_index",
                Permission.DOSSIER_VIEW,
                ("approvals.regime", "approvals.edit_regime", "approvals.upload_regime"),
            ),
            Entry("units", "building", _l("Units"), "units.index", Permission.UNIT_VIEW),
            Entry(
                "reminders",
                "bell",
                _l("Reminders"),
                "reminders.index",
                Permission.REMINDER_VIEW,
            ),
            Entry(
                "accounts",
                "lock",
                _l("Accounts"),
                "accounts.index",
                Permission.ACCOUNT_VIEW,
            ),
            Entry("audit", "list", _l("Audit log"), "audit.index", Permission.AUDIT_VIEW),
            Entry(
                "outbox",
                "mail",
                _l("Outbox"),
                "reminders.outbox",
                Permission.OUTBOX_VIEW,
                ("reminders.outbox",),
            ),
            Entry(
                "settings",
                "gear",
                _l("Settings"),
                "accounts.settings",
                Permission.SETTINGS_EDIT,
                ("accounts.settings", "documents.", "workdays."),
            ),
        ),
    ),
)

COMMANDS = (
    Entry("n d", "plus", _l("Log a drill"), "exercises.create", Permission.DRILL_EDIT),
    Entry("n h", "plus", _l("Add a system"), "systems.create", Permission.SYSTEM_EDIT),
    Entry("", "up", _l("Import systems from Excel"), "systems.upload", Permission.SYSTEM_IMPORT),
    Entry("g h", "home", _l("Home"), "reports.home", Permission.HOME_VIEW),
)
"""What one may do from any page; their keys are what one types for it."""

ENTRIES = tuple(entry for _label, entries in MENU for entry in entries)


def current_key(endpoint: str | None) -> str:
    """The entry under which a page stands: its own, one that owns it, or its feature's first."""
    name = endpoint or ""
    feature = name.partition(".")[0]
    exact = [e.key for e in ENTRIES if e.endpoint == name]
    owned = [e.key for e in ENTRIES if name.startswith(e.owns)]
    first = [e.key for e in ENTRIES if e.endpoint.partition(".")[0] == feature]
    return next(iter(exact + owned + first), "")


def count_by(app: App, key: str, counter: Callable[[Person], int]) -> None:
    """Let ``counter`` say how many things wait for a person under the entry ``key``."""
    app.extensions.setdefault("menu", {})[key] = counter


def _waiting(person: Person, key: str) -> int | None:
    counter = current_app.extensions.get("menu", {}).get(key)
    return counter(person) if counter else None


def address(endpoint: str) -> str | None:
    """Where ``endpoint`` answers, or None in an application without it."""
    return url_for(endpoint) if endpoint in current_app.view_functions else None


def _may(person: Person, entry: Entry) -> bool:
    return permits(person, entry.permission) and address(entry.endpoint) is not None


def _item(entry: Entry, here: str, count: int | None = None) -> Item:
    href, is_here = url_for(entry.endpoint), bool(here) and entry.key == here
    return Item(entry.key, entry.icon, str(entry.label), href, is_here, count, bool(count))


def groups(person: Person) -> Groups:
    """The menu of ``person``: what they may not use is absent, and so is an empty group."""
    here = current_key(request.endpoint)
    seen = [
        (
            str(label),
            [_item(e, here, _waiting(person, e.key)) for e in entries if _may(person, e)],
        )
        for label, entries in MENU
    ]
    return [(label, items) for label, items in seen if items]


def commands(person: Person) -> list[Item]:
    """What ``person`` may do from any page, with the letters that do it."""
    return [_item(entry, "") for entry in COMMANDS if _may(person, entry)]


def tabs(menu: Groups) -> list[Item]:
    """The few entries that stand at the bottom of a phone."""
    items = {item.key: item for _label, group in menu for item in group}
    return [items[key] for key in TAB_KEYS if key in items][:TABS_MAX]
