import hashlib
import io
import os
import stat
from datetime import timedelta

import pytest
import sqlalchemy as sa

from drills.audit.models import Entry
from drills.core.errors import DomainError
from drills.files import services
from drills.files.kinds import KINDS
from drills.files.models import Marking, StoredFile
from drills.files.names import StateSecret
from drills.files.sending import disposition
from tests.conftest import NOW
from tests.files.conftest import EXE, JPEG, MAIL, PDF, PNG, SIGNATURE, office, ole, zipped

ODF = "application/vnd.oasis.opendocument."
SHEET, SLIDES = "spreadsheetml.sheet", "presentationml.presentation"
GOOD = [
    ("Báo cáo.pdf", PDF, "pdf"),
    ("Tờ trình.DOCX", office(), "docx"),
    ("a.xlsx", office("xl/workbook.xml", SHEET), "xlsx"),
    ("a.pptx", office("ppt/presentation.xml", SLIDES), "pptx"),
    ("a.odt", zipped({"mimetype": f"{ODF}text", "content.xml": "<text:p>a</text:p>"}), "odt"),
    ("a.ods", zipped({"mimetype": f"{ODF}spreadsheet"}), "ods"),
    ("a.odp", zipped({"mimetype": f"{ODF}presentation"}), "odp"),
    ("a.asice", zipped({"mimetype": "application/vnd.etsi.asic-e+zip"}), "asice"),
    ("a.doc", ole("WordDocument"), "doc"),
    ("a.xls", ole("Workbook"), "xls"),
    ("a.png", PNG, "png"),
    ("ảnh.jpg", JPEG, "jpeg"),
    ("a.jpeg", JPEG, "jpeg"),
    ("nhật ký.csv", "ngày;việc\n23/11;diễn tập\n".encode(), "text"),
    ("a.txt", "Tiếng Việt".encode("utf-16"), "text"),
    ("a.log", b"one\ntwo\n", "text"),
    ("a.eml", MAIL, "eml"),
    ("a.zip", zipped({"a.txt": "a"}), "zip"),
    ("a.p7s", SIGNATURE, "p7s"),
]


@pytest.mark.parametrize(("name", "content", "key"), GOOD, ids=[row[0] for row in GOOD])
def test_what_is_allowed_is_kept_whole(keep, folder, name, content, key):
    stored = keep(content, name)
    assert (folder / stored.stored_name).read_bytes() == content
    assert stored.media_type == KINDS[key].media_type
    assert (stored.size, stored.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert stored.name == name


def test_every_kind_has_a_good_example():
    assert {key for _name, _content, key in GOOD} == set(KINDS)


MACROS = office(**{"word/vbaProject.bin": b"\0"})
ENABLED = zipped(
    {
        "[Content_Types].xml": '<Types><Override PartName="/word/document.xml" ContentType='
        '"application/vnd.ms-word.document.macroEnabled.main+xml"/></Types>',
        "word/document.xml": "<w:p/>",
    }
)
BOMB = zipped({f"{n}.txt": b"0" * 4_000_000 for n in range(4)})
MANY = zipped({f"{n}.txt": b"" for n in range(5_001)})
BAD = [
    ("tool.exe", EXE, "not kept here"),
    ("report.pdf.exe", PDF, "not kept here"),
    ("report", PDF, "not kept here"),
    (".pdf", PDF, "not kept here"),
    ("report.pdf", EXE, "not what"),
    ("report.docx", EXE, "not what"),
    ("report.docx", PDF, "not what"),
    ("report.pdf", office(), "not what"),
    ("report.xlsx", office(), "not what"),
    ("report.docx", zipped({"a.txt": "a"}), "not what"),
    ("picture.png", JPEG, "not what"),
    ("list.csv", b"a\0b", "not what"),
    ("list.csv", EXE, "not what"),
    ("letter.eml", b"just text\n", "not what"),
    ("sign.p7s", b"\x30\x82\0\0" + b"\0" * 60, "not what"),
    ("old.doc", ole("Workbook"), "not what"),
    ("old.doc", ole("_Installer"), "not what"),
    ("old.doc", ole("WordDocument", "_VBA_PROJECT"), "macros"),
    ("new.docx", ole("EncryptedPackage"), "password"),
    ("new.docx", MACROS, "macros"),
    ("new.docx", ENABLED, "macros"),
    ("new.docm", ENABLED, "not kept here"),
    ("new.odt", zipped({"mimetype": f"{ODF}text", "Basic/x.xml": "", "content.xml": ""}), "macros"),
    ("cut.docx", office()[:-30], "cannot be read"),
    ("cut.zip", b"PK\x03\x04" + b"\0" * 100, "cannot be read"),
    ("both.png", PNG + zipped({"a.txt": "a"}), "second file"),
    ("both.pdf", PDF + zipped({"run.js": "a"}), "second file"),
    ("out.zip", zipped({"../../etc/passwd": "x"}), "lead out"),
    ("out.zip", zipped({"/etc/passwd": "x"}), "lead out"),
    ("out.zip", zipped({"..\\x.txt": "x"}), "lead out"),
    ("prog.zip", zipped({"a/Setup.EXE": "MZ"}), "Setup.EXE"),
    ("bomb.zip", BOMB, "far more"),
    ("many.zip", MANY, "far more"),
    ("empty.pdf", b"", "empty"),
    ("", PDF, "no name"),
    ("///", PDF, "no name"),
]


@pytest.mark.parametrize(("name", "content", "said"), BAD, ids=lambda value: str(value)[:24])
def test_what_is_not_is_refused_and_leaves_nothing(keep, session, folder, name, content, said):
    with pytest.raises(DomainError, match=said):
        keep(content, name, limit=30_000_000)
    assert list(folder.iterdir()) == []
    assert session.scalars(sa.select(StoredFile)).all() == []


def test_a_locked_archive_is_refused(keep):
    locked = bytearray(zipped({"a.txt": "a"}))
    locked[6] |= 1
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(DomainError, match="password"):
        keep(bytes(locked), "a.zip")


class Endless(io.RawIOBase):
    """A stream that never ends, and counts what was taken from it."""

    taken = 0

    def read(self, size=-1):
        assert size > 0, "an upload is never read whole"
        self.taken += size
        return b"a" * size


def test_too_much_is_refused_while_it_comes_in(session, make, folder):
    stream = Endless()
    with pytest.raises(DomainError, match="larger than 1 MB"):
        services.keep(session, stream, "a.txt", by=None, folder=folder, limit=services.MIB)
    assert stream.taken <= services.MIB + services.CHUNK
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\a\\Tờ trình.txt", "Tờ trình.txt"),
        ("a\0b\r\n\u202ec.txt", "ab c.txt"),
        ('a<b>:"c"|?*.txt', "a b c.txt"),
        ("  ..hồ sơ...txt", "hồ sơ...txt"),
        ("Ho\u0302\u0300 so\u031b.txt", "Hồ sơ.txt"),
        ("a" * 300 + ".txt", "a" * 146 + ".txt"),
    ],
)
def test_names_are_made_safe(keep, given, kept):
    assert keep(b"a", given).name == kept


SECRET = [
    "MẬT_Kế hoạch.pdf",
    "Kế hoạch (MẬT).pdf",
    "ke hoach (mat).pdf",
    "MAT_ke hoach.pdf",
    "ke-hoach-MAT.pdf",
    "Kế hoạch TỐI MẬT.pdf",
    "tối mật - kế hoạch.pdf",
    "KE_HOACH_TUYET_MAT.pdf",
    "[Tuyệt mật] kế hoạch.pdf",
    "MẬT.pdf",
]


@pytest.mark.parametrize("name", SECRET)
def test_a_name_that_says_state_secret_is_refused_with_the_reason(keep, folder, name):
    with pytest.raises(StateSecret, match="may not hold state secrets"):
        keep(PDF, name)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    "name",
    [
        "Đổi mật khẩu quản trị.pdf",
        "ĐỔI MẬT KHẨU.pdf",
        "BẢO MẬT hệ thống.pdf",
        "Kế hoạch bảo mật.pdf",
        "BAO-MAT.pdf",
        "Bí mật kinh doanh.pdf",
        "MẬT MÃ DÂN SỰ.pdf",
        "bề mặt tấn công.pdf",
        "MAT KHAU.pdf",
        "Mất dữ liệu.pdf",
        "format.pdf",
    ],
)
def test_words_that_only_sound_like_it_are_not(keep, name):
    assert keep(PDF, name).name == name


@pytest.mark.parametrize("mark", ["MẬT", "TỐI MẬT", "TUYỆT MẬT", "Mật"])
def test_a_document_that_carries_the_mark_is_refused(keep, mark):
    if mark.isupper():
        with pytest.raises(StateSecret):
            keep(office(text=mark), "ke hoach.docx")
    else:
        assert keep(office(text=mark), "ke hoach.docx")


def test_an_archive_of_a_marked_file_is_refused(keep):
    with pytest.raises(StateSecret):
        keep(zipped({"a/Kế hoạch (MẬT).pdf": PDF}), "ho so.zip")


@pytest.mark.skipif(os.name == "nt", reason="modes are of POSIX")
def test_nobody_else_reads_what_is_kept(keep, folder):
    stored = keep(PDF, "a.pdf")
    assert stat.S_IMODE((folder / stored.stored_name).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_trail_knows_who_handed_in_what(keep, session):
    stored = keep(PDF, "a.pdf", marking=Marking.PUBLIC)
    entry = session.scalars(sa.select(Entry).where(Entry.subject_kind == "stored_file")).one()
    assert (entry.verb, entry.subject_name) == ("uploaded", "a.pdf")
    assert entry.actor_id == stored.uploaded_by_id
    assert entry.changes["sha256"][1] == stored.sha256


class Stopped(BaseException):
    """What a process that is killed looks like from inside."""


@pytest.mark.parametrize("point", ["os.fsync", "pathlib.Path.rename"])
def test_a_crash_never_leaves_half_a_file_under_its_name(keep, folder, session, monkeypatch, point):
    def stop(*_arguments):
        raise Stopped

    monkeypatch.setattr(point, stop)
    with pytest.raises(Stopped):
        keep(PDF, "a.pdf")
    assert list(folder.iterdir()) == []
    assert session.scalars(sa.select(StoredFile)).all() == []


def test_the_sweep_takes_orphans_and_nothing_else(keep, session, folder):
    stored = keep(PDF, "a.pdf")
    session.commit()
    old = (NOW - timedelta(hours=3)).timestamp()
    new = (NOW - timedelta(minutes=3)).timestamp()
    for name, age in {"dead.part": old, "orphan": old, "live.part": new}.items():
        (folder / name).write_bytes(b"x")
        os.utime(folder / name, (age, age))
    os.utime(folder / stored.stored_name, (old, old))
    assert services.sweep(session, folder, at=NOW) == 2
    assert {path.name for path in folder.iterdir()} == {stored.stored_name, "live.part"}


def test_a_file_that_was_changed_or_lost_is_named(keep, session, folder, cli):
    _whole, changed, lost = (keep(PDF, f"{name}.pdf") for name in ("whole", "changed", "lost"))
    path = folder / changed.stored_name
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    (folder / lost.stored_name).unlink()
    found = {d.file.name: d.is_missing for d in services.damages(session, folder)}
    assert found == {"changed.pdf": False, "lost.pdf": True}
    assert [file.name for file in services.missing(session, folder)] == ["lost.pdf"]
    result = cli("files", "check")
    assert result.exit_code == 1
    assert "changed.pdf" in result.output
    assert "whole.pdf" not in result.output
    with pytest.raises(DomainError, match=r"lost\.pdf"):
        services.path_of(lost, folder)


def test_files_that_are_whole_are_said_to_be(keep, cli):
    keep(PDF, "a.pdf")
    result = cli("files", "check")
    assert (result.exit_code, result.output) == (0, "All files are whole.\n")
    assert cli("files", "check", "--json").output == "[]\n"
    assert cli("files", "sweep").output == "Deleted: 0.\n"


def test_a_download_has_its_name_twice():
    assert disposition("Tờ trình Đà Nẵng.pdf") == (
        'attachment; filename="To trinh Da Nang.pdf"; '
        "filename*=UTF-8''T%E1%BB%9D%20tr%C3%ACnh%20%C4%90%C3%A0%20N%E1%BA%B5ng.pdf"
    )
    assert disposition('a"\r\nX: y.pdf').count("\n") == 0
    assert 'filename="file"' in disposition("文件")
