"""A small province: an operator, the unit that appraises, the owner who approves."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from drills.accounts.models import Person, Role
from drills.approvals.models import Act, Dossier, PaperState, State, Verdict
from drills.approvals.models.details import DossierDetails, Opinion, PaperDetails, Receipt, Ruling
from drills.approvals.services import deciding, dossiers, procedure
from drills.systems.models import InformationSystem
from drills.units.models import Unit
from tests.make import Make

TODAY = date(2026, 11, 23)


@dataclass
class Office:
    make: Make
    regimes: dict[str, Any]
    root: Unit
    operator: Unit
    appraising: Unit
    system: InformationSystem
    officer: Person
    appraiser: Person
    manager: Person
    chairman: Person
    number: int = field(default=0)

    @classmethod
    def of(cls, make: Make) -> "Office":
        root = make.organisation().root
        operator, appraising = make.unit(name="Sở Y tế"), make.unit(name="Công an tỉnh")
        return cls(
            make,
            make.regimes(),
            root,
            operator,
            appraising,
            make.system(owner=root, operator=operator, level=3),
            make.person(role=Role.UNIT_OFFICER, unit=operator, name="Lê Thị Soạn"),
            make.person(
                role=Role.SECURITY_TEAM, unit=appraising, scope_id=root.id, name="Trần Thẩm"
            ),
            make.person(role=Role.MANAGER, unit=appraising, scope_id=root.id, name="Phạm Trưởng"),
            make.person(role=Role.MANAGER, unit=root, name="Đỗ Chủ Tịch", position="Chủ tịch"),
        )

    @property
    def session(self):
        return self.make.session

    @property
    def now(self):
        return self.make.now

    def details(self, level: int = 3, code: str = "nd-331-2026", **given) -> DossierDetails:
        approving = self.appraising if level <= 2 else self.root
        values = {
            "regime_id": self.regimes[code].id,
            "level": level,
            "appraising_unit_id": self.appraising.id,
            "approving_unit_id": approving.id,
        }
        return DossierDetails(**values | given)

    def decider(self, dossier: Dossier) -> Person:
        return self.manager if dossier.approving_unit_id == self.appraising.id else self.chairman

    def dossier(
        self, state: State = State.DRAFT, *, level: int = 3, system=None, **given
    ) -> Dossier:
        """A dossier brought into ``state`` by the people whose part it is."""
        system = system or self.system
        dossier = dossiers.open_dossier(
            self.session, system, self.details(level, **given), by=self.officer, at=self.now
        )
        self.complete(dossier)
        for act in WAYS[state]:
            self.do(dossier, act)
        self.session.commit()
        return dossier

    def complete(self, dossier: Dossier, by: Person | None = None) -> None:
        for paper in dossier.papers:
            done = PaperDetails(PaperState.DONE, "Bản giấy, tủ 3")
            dossiers.set_paper(self.session, paper, done, by=by or self.officer, at=self.now)

    def do(self, dossier: Dossier, act: Act, by: Person | None = None, **given) -> Any:
        """``act`` as the right person would do it, or as ``by`` tries to."""
        who = {
            "by": by or self.person_for(dossier, act),
            "at": self.now,
            "version": given.pop("version", dossier.version),
        }
        service, value = {
            Act.SUBMIT: (procedure.submit, ()),
            Act.RESUBMIT: (procedure.submit, ()),
            Act.RECEIVE: (procedure.receive, (Receipt(TODAY),)),
            Act.RETURN: (procedure.return_, ("Thiếu sơ đồ mạng",)),
            Act.APPRAISE: (procedure.appraise, (self.opinion(**given),)),
            Act.APPROVE: (deciding.approve, (self.ruling(**given),)),
            Act.REFUSE: (procedure.refuse, ("Không đủ căn cứ",)),
            Act.WITHDRAW: (procedure.withdraw, ("Lập lại hồ sơ",)),
            Act.EDIT: (dossiers.revise, (self.same(dossier),)),
        }[act]
        return service(self.session, dossier, *value, **who)

    def person_for(self, dossier: Dossier, act: Act) -> Person:
        if act in {Act.APPROVE, Act.REFUSE}:
            return self.decider(dossier)
        if act in {Act.RECEIVE, Act.APPRAISE}:
            return self.appraiser
        if act is Act.RETURN:
            return self.decider(dossier) if dossier.state is State.APPRAISED else self.appraiser
        return self.officer

    @staticmethod
    def opinion(**given) -> Opinion:
        values = {"verdict": Verdict.FOR, "text": "Phù hợp", "number": "12/TĐ", "on": TODAY}
        return Opinion(**values | {k: v for k, v in given.items() if k in values})

    def ruling(self, **given) -> Ruling:
        self.number += 1
        values = {
            "number": f"{100 + self.number}/QĐ-UBND",
            "signed_on": TODAY,
            "authority": "UBND tỉnh Thử",
            "signer": "Đỗ Chủ Tịch",
            "review_due_on": TODAY + timedelta(days=700),
        }
        return Ruling(**values | {k: v for k, v in given.items() if k in Ruling.__slots__})

    @staticmethod
    def same(dossier: Dossier) -> DossierDetails:
        names = DossierDetails.__dataclass_fields__
        return DossierDetails(**{name: getattr(dossier, name) for name in names})


WAYS: dict[State, tuple[Act, ...]] = {
    State.DRAFT: (),
    State.SUBMITTED: (Act.SUBMIT,),
    State.IN_APPRAISAL: (Act.SUBMIT, Act.RECEIVE),
    State.RETURNED: (Act.SUBMIT, Act.RETURN),
    State.APPRAISED: (Act.SUBMIT, Act.RECEIVE, Act.APPRAISE),
    State.APPROVED: (Act.SUBMIT, Act.RECEIVE, Act.APPRAISE, Act.APPROVE),
    State.REFUSED: (Act.SUBMIT, Act.RECEIVE, Act.APPRAISE, Act.REFUSE),
    State.WITHDRAWN: (Act.WITHDRAW,),
}
"""The acts that lead to each state."""
