"""Fields and downloads, on the one page of the program that takes and gives a file."""

import io

import pytest
from werkzeug.datastructures import CombinedMultiDict, FileStorage, MultiDict
from wtforms import StringField

from drills.files import services
from drills.files.fields import AttachmentField, AttachmentsField, MarkingField, has_file
from drills.files.models import Marking
from drills.files.sending import send, send_bytes
from drills.web.forms import Form
from tests.files.conftest import EXE, PDF


class Sample(Form):
    title = StringField()
    file = AttachmentField("File", [has_file])
    more = AttachmentsField("More")
    marking = MarkingField()


@pytest.fixture
def send_in(app):
    """The form as it comes back with these files."""

    def run(file=None, more=(), **typed):
        files = MultiDict([("more", FileStorage(io.BytesIO(c), n)) for n, c in more])
        if file:
            files.add("file", FileStorage(io.BytesIO(file[1]), file[0]))
        with app.test_request_context(method="POST", headers={"Accept-Language": "en"}):
            form = Sample(CombinedMultiDict([files, MultiDict({"marking": "internal"} | typed)]))
            form.validate()
            return form

    return run


def test_a_good_file_is_handed_over_from_its_beginning(send_in):
    form = send_in(("a.pdf", PDF), [("b.pdf", PDF), ("c.pdf", PDF)], marking="public")
    assert form.errors == {}
    assert form.file.data.stream.read() == PDF
    assert [upload.filename for upload in form.more.data] == ["b.pdf", "c.pdf"]
    assert form.marking.marking is Marking.PUBLIC


def test_a_file_that_is_refused_is_a_mistake_of_its_field_and_the_rest_stays(send_in):
    form = send_in(("a.pdf", EXE), title="Kế hoạch")
    assert list(form.errors) == ["file"]
    assert ".pdf" in form.file.errors[0]
    assert form.title.data == "Kế hoạch"


def test_of_several_files_the_one_that_is_refused_is_named(send_in):
    form = send_in(("a.pdf", PDF), [("b.pdf", PDF), ("c.pdf", b"")])
    assert form.more.errors[0].startswith("c.pdf: ")


def test_a_file_that_must_be_there_is_asked_for(send_in):
    form = send_in()
    assert list(form.errors) == ["file"]
    assert form.file.flags.required


def test_a_state_secret_may_be_declared_and_is_refused_with_the_reason(send_in):
    form = send_in(("a.pdf", PDF), marking="state_secret")
    assert list(form.errors) == ["marking"]
    assert len(form.marking.errors[0]) > 60


def test_the_limit_is_that_of_the_settings(app, send_in):
    app.config["FILE_LIMIT_MB"] = 0
    assert "file" in send_in(("a.pdf", PDF)).errors


def test_a_file_goes_out_to_be_saved_and_never_to_be_shown(app, keep, session):
    stored = keep(PDF, "Quyết định.pdf")
    with app.test_request_context():
        answer = send(stored)
        assert b"".join(answer.iter_encoded()) == PDF
        answer.close()
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="Quyet dinh.pdf"')
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Type"] == "application/pdf"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_bytes_just_made_go_out_the_same_way(app):
    with app.test_request_context():
        answer = send_bytes(b"x", "a.docx", "application/x")
    assert answer.get_data() == b"x"
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_a_body_can_always_hold_one_file_of_the_largest_size(app):
    assert app.config["MAX_CONTENT_LENGTH"] > app.config["FILE_LIMIT_MB"] * services.MIB
