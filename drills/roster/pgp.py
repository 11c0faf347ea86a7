"""Reading an ASCII-armoured OpenPGP public key (RFC 9580) far enough to show its fingerprint.

No signature is checked: the fingerprint is what people compare by another road.
"""

import base64
import binascii
import hashlib
import re

from drills.core.errors import DomainError
from drills.core.text import N_

KEY_MAX = 100_000
_ARMOUR = re.compile(
    r"-----BEGIN PGP PUBLIC KEY BLOCK-----\r?\n(?:[^\n]+: [^\n]*\n)*\s*\n?"
    r"(?P<body>[A-Za-z0-9+/=\s]+?)\s*(?:\n=(?P<sum>[A-Za-z0-9+/]{4})\s*)?"
    r"-----END PGP PUBLIC KEY BLOCK-----"
)
_PUBLIC_KEY = 6
_V4, _V6 = 4, 6
_CRC_INITIAL, _CRC_POLYNOMIAL = 0xB704CE, 0x1864CFB
_NOT_A_KEY = N_(
    "This is not a PGP public key. Export it as text: it begins with "
    "“-----BEGIN PGP PUBLIC KEY BLOCK-----”."
)


def fingerprint(armour: str) -> str:
    """Forty hexadecimal digits of a key of version 4, sixty-four of version 6.

    DomainError if the text is no public key, is damaged, or holds a secret one.
    """
    if "PRIVATE KEY" in armour:
        raise DomainError(
            N_("This is the secret key. Nobody but its owner may have it: export the public one.")
        )
    found = _ARMOUR.search(armour) if len(armour) <= KEY_MAX else None
    if found is None:
        raise DomainError(_NOT_A_KEY)
    try:
        data = base64.b64decode("".join(found["body"].split()), validate=True)
    except binascii.Error:
        raise DomainError(_NOT_A_KEY) from None
    if found["sum"] and _crc24(data) != int.from_bytes(base64.b64decode(found["sum"])):
        raise DomainError(N_("The PGP key is damaged: its checksum is wrong. Copy it again."))
    return _of_packet(_first_packet(data))


def _first_packet(data: bytes) -> bytes:
    """The body of the first packet, which has to be a public key."""
    if len(data) < 6 or not data[0] & 0x80:
        raise DomainError(_NOT_A_KEY)
    is_new = bool(data[0] & 0x40)
    kind = data[0] & 0x3F if is_new else (data[0] >> 2) & 0x0F
    start, length = _new_length(data) if is_new else _old_length(data)
    body = data[start : start + length]
    if kind != _PUBLIC_KEY or len(body) != length or not body:
        raise DomainError(_NOT_A_KEY)
    return body


def _new_length(data: bytes) -> tuple[int, int]:
    """Where the body begins, and how long it is (RFC 9580, 4.2.1)."""
    if data[1] < 192:
        return 2, data[1]
    if data[1] < 224:
        return 3, ((data[1] - 192) << 8) + data[2] + 192
    return 6, int.from_bytes(data[2:6])


def _old_length(data: bytes) -> tuple[int, int]:
    size = 1 << (data[0] & 0x03)
    return 1 + size, int.from_bytes(data[1 : 1 + size])


def _of_packet(body: bytes) -> str:
    if body[0] == _V4:
        head = b"\x99" + len(body).to_bytes(2)
        return hashlib.sha1(head + body, usedforsecurity=False).hexdigest().upper()
    if body[0] == _V6:
        return hashlib.sha256(b"\x9b" + len(body).to_bytes(4) + body).hexdigest().upper()
    raise DomainError(N_("This PGP key is of a version that is not used any more. Make a new one."))


def _crc24(data: bytes) -> int:
    crc = _CRC_INITIAL
    for byte in data:
        crc ^= byte << 16
        for _ in range(8):
            crc <<= 1
            if crc & 0x1000000:
                crc ^= _CRC_POLYNOMIAL
    return crc
