"""Write every built-in template anew."""

from drills.documents import services, writing
from drills.documents.drafts import DRAFTS, draft

for key in DRAFTS:
    for language in services.LANGUAGES:
        draft(key, language).document.save(str(writing.built_in(key, language)))
