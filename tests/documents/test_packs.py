import hashlib
import io
import json
import subprocess
import zipfile

import pytest

from drills.documents.packs import ascii_path, zip_of

ENTRIES = [
    ("Hồ sơ/Tờ trình số 15.docx", b"one"),
    ("Hồ sơ/to trinh so 15.DOCX", b"two"),
    ("Quyết định.pdf", b"three"),
    ("index.json", b"four"),
    ("../../etc/passwd", b"five"),
]
META = {"title": "Hồ sơ HT-0117", "made": "2026-11-23"}


def packed(entries=ENTRIES, meta=META):
    with zip_of(entries, meta) as file:
        return file.read()


def test_the_same_files_make_the_same_pack(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"three")
    again = [(n, path if c == b"three" else c) for n, c in ENTRIES]
    assert packed() == packed(again)


def test_anybody_can_verify_it_without_this_program(tmp_path):
    zipfile.ZipFile(io.BytesIO(packed())).extractall(tmp_path)
    result = subprocess.run(
        ["sha256sum", "--strict", "-c", "SHA256SUMS"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.count(": OK") == len(ENTRIES) + 2
    (tmp_path / "Quyet-dinh.pdf").write_bytes(b"forged")
    result = subprocess.run(
        ["sha256sum", "-c", "SHA256SUMS"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert result.returncode == 1


def test_names_are_safe_everywhere_and_the_index_knows_the_real_ones():
    archive = zipfile.ZipFile(io.BytesIO(packed()))
    names = archive.namelist()
    assert names == [
        "Ho-so/To-trinh-so-15.docx",
        "Ho-so/to-trinh-so-15-2.DOCX",
        "Quyet-dinh.pdf",
        "index-2.json",
        "etc/passwd",
        "index.json",
        "index.txt",
        "SHA256SUMS",
    ]
    index = json.loads(archive.read("index.json"))
    assert index["about"] == META
    assert index["files"][0] == {
        "path": "Ho-so/To-trinh-so-15.docx",
        "name": "Hồ sơ/Tờ trình số 15.docx",
        "size": 3,
        "sha256": hashlib.sha256(b"one").hexdigest(),
    }
    listing = archive.read("index.txt").decode()
    assert "Quyết định.pdf" in listing
    assert "Hồ sơ HT-0117" in listing


def test_an_empty_pack_is_still_a_pack():
    archive = zipfile.ZipFile(io.BytesIO(packed([], {})))
    assert archive.testzip() is None
    assert archive.namelist() == ["index.json", "index.txt", "SHA256SUMS"]


def test_entries_are_taken_one_by_one():
    taken = []

    def entries():
        for n in range(3):
            taken.append(n)
            yield f"{n}.txt", b"x" * 1000
            assert len(taken) == n + 1

    zip_of(entries(), {}).close()
    assert taken == [0, 1, 2]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Đắk Lắk/Ký số.asice", "Dak-Lak/Ky-so.asice"),
        ("/abs/../x.txt", "abs/x.txt"),
        ("C:\\a\\b.txt", "C/a/b.txt"),
        ("…", "file"),
        ("", "file"),
        ("a" * 300, "a" * 120),
    ],
)
def test_paths_become_ascii_and_stay_inside(given, expected):
    assert ascii_path(given) == expected
