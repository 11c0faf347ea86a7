"""What may be kept: the allow list, each kind with the endings its files go by."""

from dataclasses import dataclass

from drills.core.text import N_


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file; ``endings`` with their dot, the usual one first."""

    key: str
    label: str
    media_type: str
    endings: tuple[str, ...]


_OOXML = "application/vnd.openxmlformats-officedocument"
_ODF = "application/vnd.oasis.opendocument"

KINDS: dict[str, Kind] = {
    kind.key: kind
    for kind in (
        Kind("pdf", N_("PDF document"), "application/pdf", (".pdf",)),
        Kind("docx", N_("Word document"), f"{_OOXML}.wordprocessingml.document", (".docx",)),
        Kind("xlsx", N_("Excel workbook"), f"{_OOXML}.spreadsheetml.sheet", (".xlsx",)),
        Kind("pptx", N_("Presentation"), f"{_OOXML}.presentationml.presentation", (".pptx",)),
        Kind("odt", N_("OpenDocument text"), f"{_ODF}.text", (".odt",)),
        Kind("ods", N_("OpenDocument spreadsheet"), f"{_ODF}.spreadsheet", (".ods",)),
        Kind("odp", N_("Presentation"), f"{_ODF}.presentation", (".odp",)),
        Kind("doc", N_("Word document"), "application/msword", (".doc",)),
        Kind("xls", N_("Excel workbook"), "application/vnd.ms-excel", (".xls",)),
        Kind("png", N_("Picture"), "image/png", (".png",)),
        Kind("jpeg", N_("Picture"), "image/jpeg", (".jpg", ".jpeg")),
        Kind("text", N_("Text"), "text/plain", (".txt", ".csv", ".log")),
        Kind("eml", N_("E-mail message"), "message/rfc822", (".eml",)),
        Kind("zip", N_("ZIP archive"), "application/zip", (".zip",)),
        Kind("asice", N_("Signed container"), "application/vnd.etsi.asic-e+zip", (".asice",)),
        Kind("p7s", N_("Digital signature"), "application/pkcs7-signature", (".p7s",)),
    )
}

ENDINGS = tuple(ending for kind in KINDS.values() for ending in kind.endings)

PROGRAMS = frozenset(
    f".{ending}"
    for group in (
        "exe dll com scr msi bat cmd ps1 vbs vbe js jse wsf hta jar lnk reg sh apk",
        "docm dotm xlsm xltm xlsb xlam pptm iso img",
    )
    for ending in group.split()
)
"""Endings that an archive may not hold."""
