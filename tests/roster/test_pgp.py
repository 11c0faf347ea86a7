"""The fingerprint of a key, as GnuPG 2 says it of the same key."""

import pytest

from drills.core.errors import DomainError
from drills.roster import pgp

KEY = """-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEawTPBhYJKwYBBAHaRw8BAQdATAWjRpniKwUuvi/vZBBqwW6gu9kdGcE387Kh
OCAcJ6+0H0xvIFRoaSBNaSA8bWlAbGFtZ2lhbmcuZXhhbXBsZT6IlgQTFggAPhYh
BD7eqfT7woa2DrSH1ngTe95WOV7HBQJrBM8GAhsDBQkF17I6BQsJCAcCBhUKCQgL
AgQWAgMBAh4BAheAAAoJEHgTe95WOV7H4w0BALLkjBJC153yZIqHF1ePg2xu6Rie
VRz1u6Bm21BStyP9AP9AIWZL08D8WzM1i8MoOxNPY0smazFYv0n02JtVdJL/Dg==
=cLnu
-----END PGP PUBLIC KEY BLOCK-----
"""


def test_the_fingerprint_is_the_one_gnupg_shows():
    assert pgp.fingerprint(KEY) == "3EDEA9F4FBC286B60EB487D678137BDE56395EC7"
    windows = KEY.replace("\n", "\r\n").replace("-----\r\n\r\n", "-----\r\nVersion: 2\r\n\r\n", 1)
    assert pgp.fingerprint(windows) == pgp.fingerprint(KEY)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "một khoá",
        KEY.replace("mDME", "mDMF"),
        KEY.replace("PUBLIC", "PRIVATE"),
        KEY.replace("=cLnu\n", "").replace("mDMEawTPBhYJ", "iDMEawTPBhYJ"),
        "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDME\n-----END PGP PUBLIC KEY BLOCK-----",
    ],
    ids=["nothing", "words", "damaged", "secret", "a signature", "cut short"],
)
def test_what_is_no_public_key_is_refused(text):
    with pytest.raises(DomainError):
        pgp.fingerprint(text)
