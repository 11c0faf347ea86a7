"""Write every built-in template anew."""

from drills.documents import services, writing
from drills.documents.drafts import DRAFTS, saved

for key in DRAFTS:
    for language in services.LANGUAGES:
        writing.built_in(key, language).write_bytes(saved(key, language))
