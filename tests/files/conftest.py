import io
import zipfile

import pytest

from drills.files import services


def zipped(parts, *, compression=zipfile.ZIP_DEFLATED):
    """A zip of ``parts``: name to content."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def office(kind="word/document.xml", media="wordprocessingml.document", text="Báo cáo", **more):
    """The least that passes for a file of Word, Excel or PowerPoint."""
    main = f"application/vnd.openxmlformats-officedocument.{media}.main+xml"
    types = f'<Types><Override PartName="/{kind}" ContentType="{main}"/></Types>'
    body = f"<w:document><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:document>"
    return zipped({"[Content_Types].xml": types, kind: body} | more)


def ole(*streams):
    return (
        bytes.fromhex("D0CF11E0A1B11AE1")
        + b"\0" * 504
        + b"".join(stream.encode("utf-16-le") + b"\0\0" for stream in streams)
    )


PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 64
EXE = b"MZ\x90\0" + b"\0" * 200 + b"This program cannot be run in DOS mode."
MAIL = b"Received: from a\r\nFrom: a@lamgiang.example\r\nSubject: x\r\n\r\nXin ch\xc3\xa0o\r\n"
SIGNATURE = bytes.fromhex("3082010006092A864886F70D010702A081F2") + b"\0" * 60


@pytest.fixture
def folder(app):
    return app.config["FILES"]


@pytest.fixture
def keep(session, make, folder):
    """Hand in ``content`` under ``name``."""
    person = make.person()

    def run(content, name, *, limit=1024 * 1024, **more):
        return services.keep(
            session, io.BytesIO(content), name, by=person, folder=folder, limit=limit, **more
        )

    return run
