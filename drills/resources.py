"""Where the files that are not Python live.

In a checkout ``templates/``, ``static/`` and ``config.py`` sit beside the package; a wheel
carries them inside it. This is the only module that knows.
"""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
IS_CHECKOUT = not (PACKAGE / "templates").is_dir()
HOME = PACKAGE.parent if IS_CHECKOUT else PACKAGE

TEMPLATES = HOME / "templates"
STATIC = HOME / "static"
CONFIG = HOME / "config.py"
MIGRATIONS = PACKAGE / "migrations"
TRANSLATIONS = PACKAGE / "translations"
DATA = PACKAGE / "data"


def default_instance() -> Path:
    """Where the database, keys and outbox live unless ``DRILLS_DATA`` says otherwise."""
    return HOME / "instance" if IS_CHECKOUT else Path.home() / ".local" / "share" / "drills"
