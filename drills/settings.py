"""Reading the settings: ``config.py``, then the environment, then files the environment names."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Config

from drills import resources


def read(overrides: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Every setting with its effective value; ``DATA`` and ``FILES`` are existing folders."""
    config = Config(str(resources.HOME))
    config.from_pyfile(str(resources.CONFIG))
    known = set(config)
    config.from_mapping(_environment(known))
    config.update(overrides or {})
    data = Path(config["DATA"] or resources.default_instance()).expanduser().resolve()
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    config["DATA"] = data
    config["FILES"] = _files(config, data)
    config["MAX_CONTENT_LENGTH"] = max(
        config["MAX_CONTENT_LENGTH"], (config["FILE_LIMIT_MB"] + 1) * 1024 * 1024
    )
    config["SECRET_KEY"] = config["SECRET_KEY"] or secret_key(data / "secret-key")
    config["SQLALCHEMY_ENGINES"] = {"default": database_url(config)}
    return dict(config)


def _files(config: Mapping[str, Any], data: Path) -> Path:
    folder = Path(config["FILES"] or data / "files").expanduser().resolve()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _environment(known: set[str]) -> dict[str, Any]:
    """``DRILLS_X`` and the contents of ``DRILLS_X_FILE``, as the type of the default."""
    found = {}
    for name in known:
        value = os.environ.get(f"DRILLS_{name}")
        if path := os.environ.get(f"DRILLS_{name}_FILE"):
            value = Path(path).read_text(encoding="utf-8").strip()
        if value is not None:
            found[name] = value
    return {name: _typed(name, value) for name, value in found.items()}


_NUMBERS = {
    "PORT",
    "THREADS",
    "PROXIES",
    "SIGN_IN_ATTEMPTS",
    "SIGN_IN_WAIT_MINUTES",
    "SESSION_IDLE_MINUTES",
    "SESSION_HOURS",
    "TICK_SECONDS",
    "REMINDERS_LATE_MINUTES",
    "MAIL_BATCH",
    "MAIL_GROUP",
    "MAIL_CONNECTIONS",
    "MAIL_PER_MINUTE",
    "MAIL_PER_DOMAIN",
    "BOUNCES_SECONDS",
    "MAIL_LEASE_SECONDS",
    "MAIL_ATTEMPTS",
    "MAIL_TIMEOUT_SECONDS",
    "IMPORT_ROWS",
    "FILE_LIMIT_MB",
    "MAX_CONTENT_LENGTH",
    "MAX_FORM_MEMORY_SIZE",
    "MAX_FORM_PARTS",
}


class BadSetting(Exception):
    """A setting cannot be understood; the message names it and says what is expected."""


def _typed(name: str, value: str) -> Any:
    if name not in _NUMBERS:
        return value
    try:
        return int(value)
    except ValueError:
        raise BadSetting(f"DRILLS_{name} must be a whole number, not {value!r}.") from None


def database_url(config: Mapping[str, Any]) -> str:
    return config["DATABASE_URL"] or f"sqlite:///{config['DATA'] / 'drills.sqlite'}"


def secret_key(path: Path) -> str:
    """The key kept in ``path``; made at the first call, readable by its owner alone."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text(encoding="ascii").strip()
