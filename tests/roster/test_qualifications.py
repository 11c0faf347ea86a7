"""Skills, the matrix of who can do what, certificates, and the way into and out of spreadsheets."""

import io
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from drills.accounts.models import Role
from drills.audit.models import Entry
from drills.core.days import add_months
from drills.core.errors import Conflict, DomainError
from drills.core.tabular import read
from drills.roster.models import (
    Certificate,
    CertificateKind,
    Competence,
    CompetenceDetails,
    ExpertGroup,
    LevelChange,
    Skill,
    WorkRole,
)
from drills.roster.services import competence as services
from drills.roster.services import skills
from drills.roster.services.removal import RemovalDetails, remove_personal_data
from tests.conftest import NOW

TODAY = NOW.date()


def words(page):
    return " ".join(page.main.text.split())


def send(browser, url, level, was=""):
    """What the script of the matrix sends for one cell."""
    browser.session.commit()
    answer = browser.client.post(f"{url}/level", data={"level": level, "was": was})
    browser.session.expire_all()
    return answer


def cell(page, person, skill):
    return page.select_one(f"a[href='/people/{person.id}/skills/{skill.id}']")


@pytest.fixture
def team(make):
    return make.team()


@pytest.fixture
def member(make, team):
    return make.member(team=team).person


# The list of skills


def test_the_shipped_skills_name_the_work_roles_they_belong_to(session):
    count = skills.load_shipped(session, by=None)
    found = session.scalars(sa.select(Skill)).all()
    assert count == len(found) > 20
    assert {skill.expert_group for skill in found} == set(ExpertGroup)
    assert all(skill.work_roles for skill in found)
    frameworks = {role.framework for skill in found for role in skill.work_roles}
    assert frameworks == {"nice", "ecsf"}
    used = {role.id for skill in found for role in skill.work_roles}
    assert used == set(session.scalars(sa.select(WorkRole.id))), "no role without a skill"


def test_loading_again_adds_what_is_missing_and_keeps_what_the_agency_changed(session):
    skills.load_shipped(session, by=None)
    first, second = session.scalars(sa.select(Skill).order_by(Skill.id).limit(2)).all()
    first.name_vi = "Tên của cơ quan"
    second.work_roles = []
    session.delete(second)
    assert skills.load_shipped(session, by=None) == 1
    assert first.name_vi == "Tên của cơ quan"
    assert skills.load_shipped(session, by=None) == 0


def test_an_administrator_loads_adds_and_changes_skills(browser, session):
    assert "Chưa có kỹ năng" in words(browser.get("/skills/list"))
    browser.post("/skills/load")
    role = session.scalars(sa.select(WorkRole)).first()
    typed = {
        "code": "OT",
        "name_vi": "An toàn hệ thống điều khiển",
        "name_en": "OT security",
        "expert_group": "protection",
        "work_role_ids": [role.id],
        "valid_months": "12",
        "is_active": "y",
    }
    browser.post("/skills/new", typed)
    skill = session.scalars(sa.select(Skill).where(Skill.code == "OT")).one()
    assert (skill.valid_months, skill.work_roles) == (12, [role])
    browser.post("/skills/new", typed, status=422)
    url = f"/skills/{skill.id}/edit"
    assert browser.get(url).select_one("select option[selected]")
    browser.post(url, {key: typed[key] for key in typed if key != "is_active"})
    assert "Không còn đánh giá" in words(browser.get("/skills/list"))
    assert "Không còn đánh giá" not in words(browser.get("/skills/"))


# How far somebody has come


def test_a_level_set_again_counts_from_today_and_for_as_long_as_the_skill_says(make, session):
    person, by = make.person(), make.person()
    skill = make.skill(valid_months=24)
    change = LevelChange(None, 3)
    one = services.set_level(session, person, skill, change, by=by, on=date(2026, 1, 31))
    assert (one.level, one.assessed_by, one.expires_on) == (3, by, date(2028, 1, 31))
    services.set_level(session, person, skill, LevelChange(3, 2), by=by, on=TODAY)
    assert (one.assessed_on, one.expires_on) == (TODAY, add_months(TODAY, 24))
    told = session.scalars(sa.select(Entry).where(Entry.verb == "skill_assessed")).all()
    assert [(entry.subject_kind, entry.subject_id) for entry in told] == [("person", person.id)] * 2
    assert told[0].changes == {"MALWARE": ["", "3 (2028-01-31)"]}


def test_taking_an_assessment_back_leaves_nothing(make, session):
    person, skill = make.person(), make.skill()
    make.competence(person, skill, 2)
    services.set_level(session, person, skill, LevelChange(2, None), by=None, on=TODAY)
    assert session.scalar(sa.select(Competence.id)) is None


def test_a_cell_that_somebody_else_changed_is_not_overwritten(make, session):
    person, skill = make.person(), make.skill()
    make.competence(person, skill, 4)
    with pytest.raises(Conflict, match="4"):
        services.set_level(session, person, skill, LevelChange(1, 2), by=None, on=TODAY)


@pytest.mark.parametrize("level", [5, 9])
def test_no_level_but_0_to_4(make, session, level):
    with pytest.raises(DomainError):
        services.set_level(
            session, make.person(), make.skill(), LevelChange(None, level), by=None, on=TODAY
        )


def test_an_assessment_cannot_end_before_it_was_made(make, session):
    details = CompetenceDetails(2, "", TODAY, TODAY - timedelta(days=1))
    with pytest.raises(DomainError):
        services.assess(session, make.person(), make.skill(), details, by=None)


def test_one_form_sets_all_levels_of_a_person(browser, make, session, member):
    first, second, third = make.skill("A"), make.skill("B"), make.skill("C")
    make.competence(member, first, 1)
    make.competence(member, third, 4)
    url = f"/people/{member.id}/skills/edit"
    page = browser.get(url)
    assert page.select_one(f"#skill_{first.id} option[selected]")["value"] == "1"
    browser.post(url, {f"skill_{first.id}": "", f"skill_{second.id}": "3", f"skill_{third.id}": 4})
    found = {one.skill_id: one.level for one in session.scalars(sa.select(Competence))}
    assert found == {second.id: 3, third.id: 4}
    entries = session.scalar(
        sa.select(sa.func.count()).select_from(Entry).where(Entry.verb == "skill_assessed")
    )
    assert entries == 2, "what did not change is not noted"
    browser.post(url, {f"skill_{first.id}": "7"}, status=422)


def test_evidence_and_a_file_stand_behind_a_level(browser, make, session, member):
    skill = make.skill(valid_months=6)
    url = f"/people/{member.id}/skills/{skill.id}"
    page = browser.get(url)
    assert page.select_one("#assessed_on")["value"] == f"{TODAY:%d/%m/%Y}"
    typed = {
        "level": "3",
        "assessed_on": "01/11/2026",
        "evidence": "Diễn tập DT-2026-01",
        "upload": (io.BytesIO(b"%PDF-1.4\n%%EOF\n"), "bang.pdf"),
    }
    browser.post(url, typed)
    one = session.scalars(sa.select(Competence)).one()
    assert (one.evidence, one.expires_on, one.file.name) == (
        "Diễn tập DT-2026-01",
        None,
        "bang.pdf",
    )
    assert browser.raw(f"/competences/{one.id}/file").data.startswith(b"%PDF")
    assert "Diễn tập DT-2026-01" in words(browser.get(f"/people/{member.id}/skills/"))
    typed = {"level": "2", "assessed_on": "02/11/2026", "expires_on": "01/11/2026"}
    browser.post(url, typed, status=422)


# The matrix


def test_the_matrix_has_members_and_whoever_was_assessed(browser, make, member):
    outside, stranger = make.person(), make.person()
    skill = make.skill()
    make.competence(outside, skill, 3)
    page = browser.get("/skills/")
    assert cell(page, member, skill).text == "·"
    assert cell(page, outside, skill).text == "3"
    assert cell(page, stranger, skill) is None


def test_a_skill_with_one_holder_is_flagged_by_the_holders_name(browser, make, member, team):
    lone, spread, old = make.skill("A"), make.skill("B"), make.skill("C")
    other = make.member(team=team).person
    make.competence(member, lone, 3)
    make.competence(other, lone, 2)
    make.competence(member, spread, 3)
    make.competence(other, spread, 4)
    make.competence(member, old, 4, expires_on=TODAY - timedelta(days=1))
    page = browser.get("/skills/")
    assert [td.text for td in page.select("tfoot td")] == ["1", "2", "0"]
    assert [bool(td.get("class")) for td in page.select("tfoot td")] == [True, False, True]
    note = page.select_one(".note.warn").text
    assert f"Kỹ năng A ({member.name})" in note
    assert "Kỹ năng C (không ai)" in note
    assert "Kỹ năng B" not in note
    assert "đã hết hạn" in cell(page, member, old)["aria-label"]


def test_the_matrix_is_filtered_by_team_unit_and_group(browser, make, member, team):
    unit = make.unit()
    elsewhere = make.member(person=make.person(unit=unit)).person
    skill, law = make.skill(), make.skill("LAW", expert_group="management")
    make.competence(elsewhere, skill, 4)
    page = browser.get(f"/skills/?team={team.id}")
    assert cell(page, member, skill)
    assert not cell(page, elsewhere, skill)
    assert [td.text for td in page.select("tfoot td")] == ["0", "0"], "counted over the team"
    page = browser.get(f"/skills/?unit={unit.id}")
    assert not cell(page, member, skill)
    page = browser.get("/skills/?group=management&unit=nonsense")
    assert cell(page, member, law)
    assert not cell(page, member, skill)


def test_a_cell_is_saved_by_itself_and_says_why_it_could_not(browser, make, session, member):
    url = f"/people/{member.id}/skills/{make.skill().id}"
    assert send(browser, url, "3").json == {"level": 3, "says": "3: làm độc lập được"}
    assert session.scalars(sa.select(Competence.level)).one() == 3
    late = send(browser, url, "4", was="1")
    assert late.status_code == 409
    assert "3" in late.json["says"]
    assert send(browser, url, "", was="3").json == {"level": None, "says": "chưa đánh giá"}
    assert send(browser, f"/people/{member.id}/skills/999", "1").status_code == 404


def test_a_cell_needs_the_token_of_the_page(app, browser, make, member):
    app.config["WTF_CSRF_ENABLED"] = True
    assert send(browser, f"/people/{member.id}/skills/{make.skill().id}", "3").status_code == 422


def test_readers_see_levels_and_cannot_change_them(browser, make, member):
    skill = make.skill()
    browser.sign_in(make.person(role=Role.AUDITOR))
    page = browser.get("/skills/")
    assert cell(page, member, skill) is None
    assert page.select("table.matrix tbody td")
    url = f"/people/{member.id}/skills/{skill.id}"
    assert send(browser, url, "1").status_code == 403
    assert browser.raw(url).status_code == 403


def test_an_officer_assesses_the_own_unit_and_knows_of_no_other(browser, make, session):
    unit, skill = make.unit(), make.skill()
    own, other = make.person(unit=unit), make.person(unit=make.unit())
    make.competence(other, skill, 2)
    browser.sign_in(make.person(role=Role.UNIT_OFFICER, unit=unit))
    ok = send(browser, f"/people/{own.id}/skills/{skill.id}", "1")
    no = send(browser, f"/people/{other.id}/skills/{skill.id}", "1", was="2")
    assert (ok.status_code, no.status_code) == (200, 404)
    assert cell(browser.get("/skills/"), other, skill) is None


def test_people_see_their_own_qualifications_and_nobody_elses(browser, make):
    person, other = make.person(role=Role.IR_MEMBER), make.person()
    browser.sign_in(person)
    page = browser.get(f"/people/{person.id}/skills/")
    assert "Chưa đánh giá kỹ năng nào" in words(page)
    assert browser.raw(f"/people/{other.id}/skills/").status_code == 403
    assert browser.raw("/skills/").status_code == 403


def test_the_matrix_takes_six_statements_whatever_its_size(browser, make, queries, team):
    found = [make.skill(f"S{n}") for n in range(6)]
    first = make.member(team=team).person
    make.competence(first, found[0], 3)
    browser.get("/skills/")
    with queries() as few:
        browser.get("/skills/")
    for n in range(30):
        person = make.member(team=team, person=make.person(unit=make.unit())).person
        make.competence(person, found[n % 6], n % 5)
    with queries() as many:
        browser.get("/skills/?size=25")
    assert len(few) == len(many)
    assert len(many) <= 6, many


# Certificates


def test_a_certificate_is_kept_changed_and_removed(browser, make, session, member):
    skill = make.skill()
    typed = {
        "name": "Chứng chỉ vận hành hệ thống cấp độ 3",
        "kind": "statutory",
        "issuer": "A05",
        "number": "12/CC",
        "issued_on": "01/06/2026",
        "expires_on": "19/08/2029",
        "skill_ids": [skill.id],
        "upload": (io.BytesIO(b"%PDF-1.4\n%%EOF\n"), "cc.pdf"),
    }
    url = f"/people/{member.id}/certificates/new"
    browser.get(url)
    browser.post(url, typed)
    one = session.scalars(sa.select(Certificate)).one()
    assert (one.kind, one.expires_on) == (CertificateKind.STATUTORY, date(2029, 8, 19))
    assert one.skills == [skill]
    assert browser.raw(f"/certificates/{one.id}/file").data.startswith(b"%PDF")
    edit = f"/certificates/{one.id}/edit"
    assert browser.get(edit).select_one("#skill_ids option[selected]")
    kept = {key: typed[key] for key in typed if key != "upload"}
    browser.post(edit, kept | {"issued_on": "20/08/2029"}, status=422)
    browser.post(edit, kept | {"number": "13/CC"})
    assert (one.number, one.file.name) == ("13/CC", "cc.pdf")
    browser.post(f"/certificates/{one.id}/remove")
    assert session.scalar(sa.select(Certificate.id)) is None
    verbs = session.scalars(sa.select(Entry.verb).where(Entry.subject_id == member.id)).all()
    assert [verb for verb in verbs if verb.startswith("certificate")] == [
        "certificate_added",
        "certificate_revised",
        "certificate_removed",
    ]


def test_certificates_that_end_first_stand_first_and_can_be_narrowed(browser, make):
    person = make.person(name="Vừ A Dính")
    make.certificate(person, name="Không thời hạn")
    make.certificate(person, name="Năm sau", expires_on=TODAY + timedelta(days=200))
    make.certificate(person, name="Hết hạn", expires_on=TODAY - timedelta(days=1))
    make.certificate(name="Của người khác", kind="statutory", expires_on=TODAY)

    def names(query):
        rows = browser.get(f"/certificates/{query}").select("table.grid tbody tr")
        return [row.select("td")[0].contents[0].strip() for row in rows]

    assert names("") == ["Hết hạn", "Của người khác", "Năm sau", "Không thời hạn"]
    assert names("?within=90") == ["Hết hạn", "Của người khác"]
    assert names("?kind=statutory") == ["Của người khác"]
    assert names("?q=vu+a+dinh&within=365") == ["Hết hạn", "Năm sau"]
    assert "Không có chứng chỉ nào phù hợp" in words(browser.get("/certificates/?q=zzz"))


def test_skills_to_assess_anew_stand_below_the_certificates(browser, make):
    make.competence(make.person(), make.skill(), 3, expires_on=TODAY + timedelta(days=30))
    make.competence(make.person(), make.skill("FAR"), 3, expires_on=TODAY + timedelta(days=91))
    rows = browser.get("/certificates/").select("#competences tbody tr")
    assert [row.td.text for row in rows] == ["Kỹ năng MALWARE"]


def test_skills_and_certificates_go_when_personal_data_are_removed(make, session):
    person, other, skill = make.person(), make.person(), make.skill()
    make.certificate(person, skills=[skill])
    make.competence(person, skill, 1)
    make.competence(other, skill, 1)
    asked = RemovalDetails("Phòng Tổ chức", "Thôi việc")
    remove_personal_data(session, person, asked, by=make.person(role=Role.ADMINISTRATOR))
    session.commit()
    assert session.scalars(sa.select(Competence.person_id)).all() == [other.id]
    assert session.scalar(sa.select(Certificate.id)) is None


# Spreadsheets


def sent(text, name="tệp.csv"):
    return {"file": (io.BytesIO(text.encode()), name)}


def carried_out(browser, url, text):
    page = browser.post(url, sent(text), status=200)
    browser.post(url, {"text": page.select_one("input[name=text]")["value"]})


def test_competences_come_from_a_spreadsheet_all_or_nothing(browser, make, session, member):
    _skill, other = make.skill(valid_months=12), make.skill("PENTEST")
    make.competence(member, other, 1)
    head = "Thư điện tử,Họ và tên,Kỹ năng,Mức,Ngày đánh giá,Minh chứng,Cỡ áo\n"
    wrong = (
        f"{head}{member.email},,malware,5,,,\nai@khong.vn,,MALWARE,1,,,\n"
        f",{member.name},Không có,2,99/99/2026,,\n,,MALWARE,1,,,\n"
    )
    page = browser.post("/skills/import", sent(wrong), status=422)
    assert len(page.select("#mistakes tbody tr")) == 5
    right = (
        f"{head}{member.email},,Kỹ năng MALWARE,3,01/11/2026,Thi,M\n,{member.name},pentest,2,,,L\n"
    )
    carried_out(browser, "/skills/import", right)
    found = {one.skill.code: one for one in session.scalars(sa.select(Competence))}
    assert (found["MALWARE"].level, found["MALWARE"].expires_on) == (3, date(2027, 11, 1))
    assert (found["PENTEST"].level, found["PENTEST"].assessed_on) == (2, TODAY)
    origins = session.scalars(sa.select(Entry.origin).where(Entry.verb == "skill_assessed")).all()
    assert set(origins) == {"import"}


def test_two_rows_for_one_cell_and_two_people_of_one_name_are_mistakes(browser, make):
    make.skill()
    twin, _other = make.person(name="Lê Văn Tám"), make.person(name="Lê Văn Tám")
    head = "Thư điện tử,Họ và tên,Mã kỹ năng,Mức\n"
    rows = f"{twin.email},,MALWARE,1\n{twin.email},,MALWARE,2\n,Lê Văn Tám,MALWARE,3\n"
    page = browser.post("/skills/import", sent(head + rows), status=422)
    told = [row.text for row in page.select("#mistakes tbody tr")]
    assert len(told) == 2
    assert "dòng trước" in told[0]
    assert "nhiều người trùng tên" in told[1]


@pytest.mark.parametrize("page", ["skills", "certificates"])
def test_an_export_can_be_imported_again_and_changes_nothing(browser, make, member, page):
    skill = make.skill(valid_months=12)
    make.competence(member, skill, 3, evidence="=1+1", expires_on=None)
    make.certificate(
        member, number="1/CC", kind="statutory", issued_on=TODAY, expires_on=TODAY, skills=[skill]
    )
    data = browser.raw(f"/{page}/export.xlsx").data
    assert len(read(io.BytesIO(data), "x.xlsx", limit=10).rows) == 1
    again = {"file": (io.BytesIO(data), "x.xlsx")}
    told = browser.post(f"/{page}/import", again, status=200)
    assert "1 dòng" in told.select_one(".note.info").text
    assert not told.select("#changes tbody tr")


def test_certificates_come_from_a_spreadsheet_and_are_known_again(browser, make, session, member):
    skill = make.skill()
    head = "Email,Chứng chỉ,Loại,Số hiệu,Ngày cấp,Có giá trị đến,Mã kỹ năng\n"
    first = f"{head}{member.email},CEH,Chuyên môn,77,01/01/2025,01/01/2028,malware\n"
    carried_out(browser, "/certificates/import", first)
    second = f"{head}{member.email},ceh,,77,01/01/2025,01/01/2031,\n"
    carried_out(browser, "/certificates/import", second)
    one = session.scalars(sa.select(Certificate)).one()
    assert (one.expires_on, one.skills) == (date(2031, 1, 1), [])
    wrong = f"{head}{member.email},,Lạ,,02/01/2025,01/01/2025,{skill.code}; Không có\n"
    page = browser.post("/certificates/import", sent(wrong), status=422)
    assert len(page.select("#mistakes tbody tr")) == 4
