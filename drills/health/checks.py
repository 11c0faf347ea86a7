"""What can be wrong with a deployment, and how each is mended."""

import os
import shutil
import smtplib
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from drills import migrations
from drills.core import clock, database, mail
from drills.files import services as files
from drills.health.reminders import figures, limit

SKEW = timedelta(seconds=5)
FREE_BYTES = 500 * 1024 * 1024


class Verdict(StrEnum):
    GOOD = "good"
    NOTE = "note"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check saw; ``remedy`` says what to do unless all is well."""

    check: str
    verdict: Verdict
    seen: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Deployment:
    """What is looked at: the settings in effect and the database."""

    config: Mapping[str, Any]
    engine: sa.Engine

    @property
    def data(self) -> Path:
        return Path(self.config["DATA"])

    @property
    def public_host(self) -> str:
        return urlsplit(self.config["PUBLIC_URL"]).hostname or ""

    @property
    def is_https(self) -> bool:
        return str(self.config["PUBLIC_URL"]).startswith("https://")


def good(check: str, seen: str) -> Finding:
    return Finding(check, Verdict.GOOD, seen)


def note(check: str, seen: str, remedy: str) -> Finding:
    return Finding(check, Verdict.NOTE, seen, remedy)


def problem(check: str, seen: str, remedy: str) -> Finding:
    return Finding(check, Verdict.PROBLEM, seen, remedy)


def database_is_current(deployment: Deployment) -> Finding:
    name = "database"
    try:
        found, newest = migrations.current(deployment.engine)
    except SQLAlchemyError as error:
        return problem(name, f"cannot be reached: {_first_line(error)}", "Check DATABASE_URL.")
    if found != newest:
        seen = f"is at version {found or 'none'}, the program needs {newest}"
        return problem(name, seen, "Run “drills db upgrade”.")
    return good(name, f"{deployment.engine.dialect.name}, version {found}")


def data_folder_is_private(deployment: Deployment) -> Finding:
    name, folder = "data folder", deployment.data
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return problem(name, f"{folder} cannot be written", f"Run “chown -R drills {folder}”.")
    if os.name == "posix" and _mode(folder) & 0o077:
        seen = f"{folder} is open to other accounts of this machine"
        return problem(name, seen, f"Run “chmod 700 {folder}”.")
    return good(name, str(folder))


def secret_key_is_secret(deployment: Deployment) -> Finding:
    name, key = "secret key", deployment.data / "secret-key"
    if not key.exists():
        return good(name, "is given by a setting")
    if os.name == "posix" and _mode(key) & 0o077:
        return problem(name, f"{key} can be read by others", f"Run “chmod 600 {key}”.")
    return good(name, str(key))


def public_address_is_public(deployment: Deployment) -> Finding:
    name, address = "public address", deployment.config["PUBLIC_URL"]
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return problem(name, f"{address!r} is no address", "Set PUBLIC_URL to https://…")
    if is_loopback(parts.hostname) and not is_loopback(deployment.config["HOST"]):
        seen = f"{address} works on this machine alone, yet it listens to others"
        return problem(name, seen, "Set PUBLIC_URL to the address people type.")
    return good(name, address)


def sign_in_is_encrypted(deployment: Deployment) -> Finding:
    name, remedy = "encryption", "Put a TLS proxy in front and set PUBLIC_URL to https://…"
    if not deployment.is_https and not is_loopback(deployment.public_host):
        return problem(name, "passwords and cookies travel in the open", remedy)
    if deployment.is_https and not deployment.config["PROXIES"]:
        seen = "a proxy ends TLS, but its X-Forwarded headers are ignored"
        return problem(name, seen, "Set PROXIES to the number of proxies in front, mostly 1.")
    return good(name, "https" if deployment.is_https else "not needed on this machine alone")


def mail_can_leave(deployment: Deployment) -> Finding:
    name, url = "mail", deployment.config["MAIL_URL"]
    if not url:
        seen = f"is kept in {deployment.data / mail.OUTBOX}; nothing is sent"
        return note(name, seen, "Set MAIL_URL to smtp://user:password@host:587.")
    try:
        server = mail.MailUrl.parse(url)
        answer = greet(server, timeout=min(10, deployment.config["MAIL_TIMEOUT_SECONDS"]))
    except mail.BadMailUrl as error:
        return problem(name, "the setting cannot be understood", str(error))
    except (OSError, smtplib.SMTPException) as error:
        return problem(name, f"the server does not answer: {error}", "Check MAIL_URL.")
    return good(name, f"{server.host}:{server.port} answers {answer}")


def greet(server: mail.MailUrl, *, timeout: float) -> int:
    """The code of the server's answer to EHLO; raises ``OSError`` or ``SMTPException``."""
    kind = smtplib.SMTP_SSL if server.is_tls else smtplib.SMTP
    with kind(server.host, server.port, timeout=timeout) as connection:
        return connection.ehlo()[0]


def sender_is_ours(deployment: Deployment) -> Finding:
    name, sender = "sender", deployment.config["MAIL_FROM"]
    if deployment.config["MAIL_URL"] and "@localhost" in sender:
        return problem(name, f"{sender} is refused by most servers", "Set MAIL_FROM.")
    return good(name, sender)


def reminders_go_out(deployment: Deployment) -> Finding:
    name = "reminders"
    try:
        found = figures(deployment.engine)
    except SQLAlchemyError as error:
        return problem(name, f"cannot be read: {_first_line(error)}", "Mend the database first.")
    if found.paused_at:
        seen = f"are paused since {found.paused_at:%Y-%m-%d %H:%M} UTC; {found.due} wait"
        return problem(name, seen, "Run “drills reminders resume”.")
    if not found.is_late(limit(deployment.config)):
        return good(name, f"{found.due} due, {found.sent} sent within a day")
    seen = f"the oldest has been due since {found.oldest_at:%Y-%m-%d %H:%M} UTC"
    return problem(name, seen, "Start “drills serve” or “drills scheduler”; then look at mail.")


def reminders_arrive(deployment: Deployment) -> Finding:
    name = "deliveries"
    try:
        failed = figures(deployment.engine).failed
    except SQLAlchemyError as error:
        return problem(name, f"cannot be read: {_first_line(error)}", "Mend the database first.")
    if failed:
        seen = f"{failed} of the last day could not be delivered"
        return note(name, seen, "Run “drills reminders failed”; correct the addresses.")
    return good(name, "none of the last day failed")


def clocks_agree(deployment: Deployment) -> Finding:
    name = "clock"
    if deployment.engine.dialect.name == "sqlite":
        return good(name, "one machine, one clock")
    try:
        with deployment.engine.connect() as connection:
            theirs: datetime = connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
    except SQLAlchemyError as error:
        return problem(name, f"cannot be read: {_first_line(error)}", "Mend the database first.")
    apart = abs(clock.now() - theirs.astimezone(UTC))
    if apart > SKEW:
        seen = f"differs from the database's by {apart.total_seconds():.0f} s"
        return problem(name, seen, "Keep both machines' time with NTP.")
    return good(name, "agrees with the database's")


def time_zones_are_known(deployment: Deployment) -> Finding:
    name, zone = "time zones", deployment.config["TIME_ZONE"]
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        return problem(name, f"{zone!r} is not known", "Set TIME_ZONE, or install tzdata.")
    return good(name, zone)


def files_are_there(deployment: Deployment) -> Finding:
    name, folder = "files", Path(deployment.config["FILES"])
    try:
        with database.reading(), sa.orm.Session(deployment.engine) as session:
            gone = files.missing(session, folder)
    except SQLAlchemyError as error:
        return problem(name, f"cannot be read: {_first_line(error)}", "Mend the database first.")
    if gone:
        seen = f"{len(gone)} are missing from {folder} or cut short, such as {gone[0].name}"
        return problem(name, seen, "Run “drills files check”; restore them from the backup.")
    return good(name, str(folder))


def disk_has_room(deployment: Deployment) -> Finding:
    name, free = "disk", shutil.disk_usage(deployment.data).free
    seen = f"{free // 1024**2} MB are free at {deployment.data}"
    if free < FREE_BYTES:
        return problem(name, seen, "Make room: SQLite stops when the disk is full.")
    return good(name, seen)


CHECKS: tuple[Callable[[Deployment], Finding], ...] = (
    database_is_current,
    data_folder_is_private,
    secret_key_is_secret,
    public_address_is_public,
    sign_in_is_encrypted,
    mail_can_leave,
    sender_is_ours,
    reminders_go_out,
    reminders_arrive,
    clocks_agree,
    time_zones_are_known,
    files_are_there,
    disk_has_room,
)


def examine(deployment: Deployment) -> list[Finding]:
    """Every check's finding, in the order of ``CHECKS``; none stops the next."""
    return [check(deployment) for check in CHECKS]


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches ``host``; ``0.0.0.0`` and names are for others."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
