"""Dossiers of the running year, brought into every state by the people whose part it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy.orm import Session

from drills.accounts.models import Grant, Person, Role
from drills.approvals.models import (
    Act,
    ConditionDetails,
    Dossier,
    Occasion,
    PaperState,
    Regime,
    Verdict,
)
from drills.approvals.models.details import DossierDetails, Opinion, PaperDetails, Receipt, Ruling
from drills.approvals.services import deciding, dossiers, procedure
from drills.approvals.services.asked import route
from drills.approvals.services.follow_up import newest, regime_on
from drills.demo import files
from drills.demo.tree import DOMAIN, Province
from drills.systems.models import (
    Approval,
    DecisionKind,
    InformationSystem,
    SystemKind,
    SystemStatus,
)
from drills.units.models import Unit

SENT = ((Act.SUBMIT, 4),)
RECEIVED = (*SENT, (Act.RECEIVE, 6))
RETURNED = (*RECEIVED, (Act.RETURN, 11))
APPRAISED = (*RECEIVED, (Act.APPRAISE, 18))
APPROVED = (*APPRAISED, (Act.APPROVE, 22))
WAYS: dict[str, tuple[tuple[Act, int], ...]] = {
    "draft": (),
    "submitted": SENT,
    "appraisal": RECEIVED,
    "returned": RETURNED,
    "appraised": APPRAISED,
    "approved": APPROVED,
    "changed": APPROVED,
    "refused": (*APPRAISED, (Act.REFUSE, 22)),
    "withdrawn": (*SENT, (Act.WITHDRAW, 9)),
}
"""How a dossier went: its acts, each with the days after it was opened."""
MORNING = time(2, 30)
"""Half past nine in Viet Nam."""
CHANGED_NAME = "Nền tảng trợ lý ảo công vụ và tổng đài tự động"


@dataclass
class Desk:
    """The four people of the procedure, and what they made."""

    session: Session
    province: Province
    as_of: date
    officer: Person
    appraiser: Person
    head: Person
    chairman: Person
    systems: list[InformationSystem] = field(default_factory=list)
    dossiers: list[Dossier] = field(default_factory=list)

    @property
    def people(self) -> list[Person]:
        return [self.officer, self.appraiser, self.head, self.chairman]


def build(
    session: Session, province: Province, systems: Sequence[InformationSystem], as_of: date
) -> Desk:
    """New systems with a dossier each, and the level 5 system on its way to a new decision."""
    desk = _desk(session, province, as_of)
    for number, row in enumerate(files.table("dossiers"), start=len(systems) + 1):
        system = _system(province, row, number)
        session.add(system)
        session.flush()
        desk.systems.append(system)
        desk.dossiers.append(_go(desk, system, row))
    desk.dossiers.append(_determine_again(desk, systems[0]))
    return desk


def _desk(session: Session, province: Province, as_of: date) -> Desk:
    police, centre, root = province.units["CAT"], province.units["TTCDS"], province.root

    def person(name: str, mail: str, unit: Unit, position: str, role: Role) -> Person:
        return Person(
            name=name,
            email=f"{mail}@{DOMAIN}",
            unit=unit,
            scope_id=root.id,
            position=position,
            active=True,
            grants=[Grant(role=role)],
        )

    desk = Desk(
        session,
        province,
        as_of,
        person("Hồ Thị Soạn", "soanht", centre, "Chuyên viên", Role.UNIT_OFFICER),
        person("Đinh Văn Thẩm", "thamdv", police, "Cán bộ thẩm định", Role.SECURITY_TEAM),
        person("Vũ Quốc Phòng", "phongvq", police, "Trưởng phòng An ninh mạng", Role.MANAGER),
        person("Mai Hữu Quyết", "quyetmh", root, "Phó Chủ tịch", Role.MANAGER),
    )
    session.add_all(desk.people)
    session.flush()
    return desk


def _system(province: Province, row: dict[str, str], number: int) -> InformationSystem:
    is_old = row["way"] in {"approved", "changed"}
    return InformationSystem(
        code=f"HT-{number:04}",
        name=row["name"],
        owner=province.root,
        operator=province.units[row["operator"]],
        kind=SystemKind(row["kind"]),
        has_public_information="p" in row["data"],
        has_private_information="r" in row["data"],
        has_personal_data="c" in row["data"],
        status=SystemStatus.OPERATING if is_old else SystemStatus.UNDER_CONSTRUCTION,
        level=int(row["level"]),
        approval=Approval.NONE,
    )


def _go(desk: Desk, system: InformationSystem, row: dict[str, str]) -> Dossier:
    opened = desk.as_of - timedelta(days=int(row["days"]))
    dossier = _open(desk, system, int(row["level"]), opened, Occasion.FIRST)
    if row["way"] == "draft":
        _begin(desk, dossier, opened)
        return dossier
    _complete(desk, dossier, opened + timedelta(days=2))
    for act, days in WAYS[row["way"]]:
        _do(desk, dossier, act, opened + timedelta(days=days), row["note"])
    if row["way"] == "changed":
        _change(desk, system)
    return dossier


def _open(
    desk: Desk, system: InformationSystem, level: int, on: date, occasion: Occasion
) -> Dossier:
    session, police = desk.session, desk.province.units["CAT"]
    regime = _regime(session, on)
    way = route(session, system, regime, level)
    is_ours = not way.appraising_body
    details = DossierDetails(
        regime_id=regime.id,
        level=level,
        occasion=occasion,
        appraising_unit_id=police.id if is_ours else None,
        appraising_body=way.appraising_body,
        approving_unit_id=police.id if level <= 2 else desk.province.root.id,
        approving_body=way.approving_body,
        independent_body="Hội đồng thẩm định tỉnh" if system.operator is police else "",
    )
    return dossiers.open_dossier(session, system, details, by=desk.officer, at=_at(on))


def _regime(session: Session, on: date) -> Regime:
    found = regime_on(newest(session), on)
    assert found is not None
    return found


def _at(on: date) -> datetime:
    return datetime.combine(on, MORNING, UTC)


def _begin(desk: Desk, dossier: Dossier, on: date) -> None:
    """Some papers done, one begun, the rest not yet."""
    papers = dossier.papers
    states = [PaperState.DONE] * (len(papers) // 2) + [PaperState.IN_PROGRESS]
    for paper, state in zip(papers, states, strict=False):
        details = PaperDetails(state, "Bản giấy, lưu tại văn thư")
        dossiers.set_paper(desk.session, paper, details, by=desk.officer, at=_at(on))


def _complete(desk: Desk, dossier: Dossier, on: date) -> None:
    for paper in dossier.papers:
        details = PaperDetails(PaperState.DONE, "Bản giấy, lưu tại văn thư")
        dossiers.set_paper(desk.session, paper, details, by=desk.officer, at=_at(on))


def _do(desk: Desk, dossier: Dossier, act: Act, on: date, note: str) -> None:
    """``act`` as the one whose part it is does it."""
    decider = desk.head if dossier.level <= 2 else desk.chairman
    acts: dict[Act, tuple[Callable[..., object], tuple[object, ...], Person]] = {
        Act.SUBMIT: (procedure.submit, (), desk.officer),
        Act.RECEIVE: (procedure.receive, (Receipt(on),), desk.appraiser),
        Act.RETURN: (procedure.return_, (note,), desk.appraiser),
        Act.APPRAISE: (procedure.appraise, (_opinion(dossier, on),), desk.appraiser),
        Act.REFUSE: (procedure.refuse, (note,), decider),
        Act.WITHDRAW: (procedure.withdraw, (note,), desk.officer),
        Act.APPROVE: (deciding.approve, (_ruling(desk, dossier, on),), decider),
    }
    service, words, by = acts[act]
    service(desk.session, dossier, *words, by=by, at=_at(on), version=dossier.version)


def _opinion(dossier: Dossier, on: date) -> Opinion:
    text = (
        f"Hồ sơ đầy đủ, hợp lệ; cấp độ {dossier.level} phù hợp tiêu chí. "
        "Phương án bảo đảm đáp ứng yêu cầu cơ bản của cấp độ."
    )
    return Opinion(Verdict.FOR, text, f"{dossier.system.id}/YKTĐ-PA05", on)


def _ruling(desk: Desk, dossier: Dossier, on: date) -> Ruling:
    low = dossier.level <= 2
    signer = desk.head if low else desk.chairman
    fields = deciding.proposed(dossier, DecisionKind.LEVEL, by=signer, on=on)
    review = fields["review_due_on"] or on + timedelta(days=730)
    number = f"{dossier.system.id}/QĐ-{'CAT' if low else 'UBND'}"
    due = (on + timedelta(days=20), on + timedelta(days=150))
    asked = (
        ConditionDetails(
            "Bổ sung bản sao lưu ngoại tuyến cho máy chủ dữ liệu", desk.officer.id, due[0]
        ),
        ConditionDetails(
            "Diễn tập khôi phục dữ liệu trong năm đầu vận hành", desk.officer.id, due[1]
        ),
    )
    given = fields | {"number": number, "review_due_on": review}
    return Ruling(**given, conditions=asked if dossier.level >= 3 else ())


def _change(desk: Desk, system: InformationSystem) -> None:
    """What was decided on is another system by now."""
    system.name, system.has_personal_data = CHANGED_NAME, True
    system.facts_changed_at = _at(desk.as_of - timedelta(days=5))
    desk.session.flush()


def _determine_again(desk: Desk, system: InformationSystem) -> Dossier:
    """Level 5: the list is decided in Ha Noi, the plan is waiting here."""
    opened = desk.as_of - timedelta(days=60)
    dossier = _open(desk, system, 5, opened, Occasion.PERIODIC)
    _complete(desk, dossier, opened + timedelta(days=5))
    for act, days in ((Act.SUBMIT, 8), (Act.RECEIVE, 12), (Act.APPRAISE, 40)):
        _do(desk, dossier, act, opened + timedelta(days=days), "")
    on, by = opened + timedelta(days=52), desk.chairman
    fields = deciding.proposed(dossier, DecisionKind.LIST, by=by, on=on)
    number = "1988/QĐ-TTg (số liệu minh họa)"
    given = fields | {"number": number, "signer": "Phó Thủ tướng Chính phủ"}
    ruling = Ruling(**given)
    version = dossier.version
    deciding.approve(desk.session, dossier, ruling, by=by, at=_at(on), version=version)
    return dossier
