"""The Flask extensions, created once and attached to an application by the factory."""

import io
from pathlib import Path

from babel.messages import mofile, pofile
from babel.support import NullTranslations, Translations
from flask_babel import Babel, Domain, get_locale
from flask_security import Security
from flask_sqlalchemy_lite import SQLAlchemy
from flask_wtf.csrf import CSRFProtect

from drills import resources


class Catalogue(Domain):  # type: ignore[misc]
    """Our messages, read from one ``.po`` file per feature: nothing to compile or forget."""

    def get_translations(self) -> NullTranslations:
        language = str(getattr(get_locale(), "language", "en"))
        if language not in self.cache:
            self.cache[language] = read_catalogue(language)
        return self.cache[language]  # type: ignore[no-any-return]


def read_catalogue(language: str) -> NullTranslations:
    """All messages of ``language``; English needs none, its messages are the keys."""
    merged: NullTranslations = NullTranslations()
    for path in sorted((resources.TRANSLATIONS / language).glob("*.po")):
        part = _read(path, language)
        if isinstance(merged, Translations):
            merged.add(part, merge=True)
        else:
            merged = part
    return merged


def _read(path: Path, language: str) -> Translations:
    with path.open("rb") as source:
        catalogue = pofile.read_po(source, locale=language)
    compiled = io.BytesIO()
    mofile.write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


class Languages(Babel):  # type: ignore[misc]
    catalogue = Catalogue()

    @property
    def domain_instance(self) -> Domain:
        return self.catalogue


db = SQLAlchemy(session_options={"expire_on_commit": False})
csrf = CSRFProtect()
babel = Languages()
security = Security()
