"""What the documents of a procedure say: the request, the opinion, the decisions.

Each gives the fields of ``documents.kinds.KINDS`` as plain values, in the words of the law that
the dossier goes by. What is not known yet is left out, so that the place stays free to write.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from drills.approvals.models import Act, Dossier, Verdict
from drills.approvals.services.asked import authority_of, rules_of
from drills.documents.services import letterhead_of
from drills.systems.models import Decision, DecisionKind
from drills.units.models import Unit

GROUPS_OF_A_PLAN = 30


@dataclass(frozen=True, slots=True)
class Letter:
    """One document of a dossier: its kind, its fields, the unit that issues it."""

    key: str
    context: Mapping[str, Any]
    unit: Unit | None
    name: str


def proposal(dossier: Dossier) -> Letter:
    """The request of the operator: forms 01 and 02, or a letter of submission under Decree 85."""
    system, found = dossier.system, dossier.determination
    both = _is_appraised_and_approved_by_one(dossier)
    reasons = found.reasons if found else []
    deciding = [row for row in reasons if row.get("level") == found.level] if found else []
    responsible = system.responsible
    context = _about(dossier) | {
        "addressees": [_appraiser(dossier)] if _appraiser(dossier) else [],
        "request": "thẩm định và phê duyệt" if both else "thẩm định",
        "reasons": [_criterion(row) for row in deciding or reasons],
        "documents": [paper.label for paper in dossier.papers if paper.is_required or paper.files],
        "contact": {
            "name": responsible.name if responsible else system.operator.contact_name,
            "phone": (responsible.mobile or responsible.phone)
            if responsible
            else system.operator.contact_phone,
            "email": responsible.email if responsible else system.operator.contact_email,
        },
    }
    return Letter("approval_proposal", context, system.operator, f"to-trinh-{dossier.code}")


def opinion(dossier: Dossier) -> Letter:
    """The opinion of the appraising body: form 04."""
    sent = [e for e in dossier.events if e.act in {Act.SUBMIT, Act.RESUBMIT}]
    context = _about(dossier) | {
        "number": dossier.opinion_number,
        "on": dossier.opinion_date,
        "addressees": [dossier.system.operator.name],
        "reference": {
            "number": dossier.code,
            "on": sent[-1].on if sent else None,
            "sender": dossier.system.operator.name,
        },
        "received_on": dossier.received_on,
        "findings": [
            {"part": paper.label, "verdict": _state_of(paper), "remark": paper.note}
            for paper in dossier.papers
        ],
        "conclusion": dossier.opinion or _concluded(dossier),
    }
    return Letter(
        "approval_opinion", context, dossier.appraising_unit, f"y-kien-tham-dinh-{dossier.code}"
    )


def decision(dossier: Dossier, taken: Decision | None = None) -> Letter:
    """The decision that approves the level: form 06. Without ``taken``, a draft to be signed."""
    is_for = dossier.verdict is not Verdict.AGAINST
    context = _ruling(dossier, taken) | {"fits_in_design": is_for, "fits_in_operation": is_for}
    unit = dossier.approving_unit or dossier.system.owner
    return Letter("approval_decision", context, unit, f"quyet-dinh-{dossier.code}")


def plan_decision(dossier: Dossier, taken: Decision | None = None) -> Letter:
    """The decision that approves the plan: form 07."""
    rules = rules_of(dossier.regime)
    groups = [one.group_text.vi for one in rules.measures[dossier.level]]
    plan = {"name": f"{_capital(rules.word('plan'))} của {dossier.system.name}"}
    context = _ruling(dossier, taken) | {
        "plan": plan,
        "parts": list(dict.fromkeys(groups))[:GROUPS_OF_A_PLAN],
    }
    unit = dossier.approving_unit or dossier.system.owner
    return Letter("approval_plan_decision", context, unit, f"quyet-dinh-phuong-an-{dossier.code}")


def write(dossier: Dossier, word: str, taken: Decision | None) -> Letter:
    """The letter that goes by ``word``: proposal, opinion, decision or plan."""
    if word == "proposal":
        return proposal(dossier)
    if word == "opinion":
        return opinion(dossier)
    return (plan_decision if word == "plan" else decision)(dossier, taken)


def addressed(session: Session, letter: Letter) -> Letter:
    """``letter`` with the usual recipients, unless the agency's letterhead names its own."""
    own = letterhead_of(session, letter.unit).get("recipients")
    usual = ["Như trên", "Lưu: VT"]
    if letter.key in {"approval_decision", "approval_plan_decision"}:
        supervisor = letter.context.get("supervisor")
        last = "Như Điều 4" if supervisor else "Như Điều 3"
        usual = [last, *([supervisor] if supervisor else []), "Lưu: VT"]
    return letter if own else replace(letter, context={"recipients": usual, **letter.context})


def of_decision(session: Session, taken: Decision) -> Letter | None:
    """The document of a decision that was taken on a dossier; a historical one has none."""
    dossier = session.get(Dossier, taken.dossier_id) if taken.dossier_id else None
    if dossier is None:
        return None
    return write(dossier, "plan" if taken.kind is DecisionKind.PLAN else "decision", taken)


def taken_on(session: Session, dossier: Dossier) -> dict[str, Decision]:
    """The decisions recorded on a dossier, by the word of their letter."""
    query = sa.select(Decision).where(Decision.dossier_id == dossier.id).order_by(Decision.id)
    return {
        "plan" if one.kind is DecisionKind.PLAN else "decision": one
        for one in session.scalars(query)
    }


def _about(dossier: Dossier) -> dict[str, Any]:
    system, rules = dossier.system, rules_of(dossier.regime)
    return {
        "system": {
            "name": system.name,
            "code": system.code,
            "description": system.description,
        },
        "owner": {"name": system.owner.name, "address": system.owner.address},
        "operator": {"name": system.operator.name, "address": system.operator.address},
        "level": dossier.level,
        "grounds": [f"Căn cứ {basis}" for basis in rules.legal_basis],
    }


def _ruling(dossier: Dossier, taken: Decision | None) -> dict[str, Any]:
    rules = rules_of(dossier.regime)
    appraiser = _appraiser(dossier)
    found = _about(dossier) | {
        "security": rules.word("security"),
        "proposer": appraiser,
        "standard": rules.standard,
        "responsible": dossier.system.operator.name,
        "supervisor": appraiser,
    }
    if taken is None:
        return found
    by_hand = [line for line in taken.basis.splitlines() if line.strip()]
    return found | {
        "number": taken.number,
        "on": taken.signed_on,
        "level": taken.level,
        "grounds": [*found["grounds"], *by_hand],
        "signer_title": taken.signer_title.upper(),
        "signer_name": taken.signer,
    }


def _appraiser(dossier: Dossier) -> str:
    if dossier.independent_body:
        return dossier.independent_body
    unit = dossier.appraising_unit
    return unit.name if unit else dossier.appraising_body


def _is_appraised_and_approved_by_one(dossier: Dossier) -> bool:
    """At levels 1 and 2 one unit does both, and is asked for both in one letter."""
    authority = authority_of(dossier)
    return authority.appraiser is authority.approver


def _criterion(row: Mapping[str, Any]) -> str:
    text, article = str(row.get("vi") or row.get("text") or ""), str(row.get("article") or "")
    return f"{text} ({article})" if article and text else text or article


def _state_of(paper: Any) -> str:
    return "Đầy đủ" if paper.state.value == "done" else "Chưa đầy đủ"


def _concluded(dossier: Dossier) -> str:
    if dossier.verdict is None:
        return ""
    if dossier.verdict is Verdict.FOR:
        return f"Hồ sơ đủ điều kiện trình phê duyệt cấp độ {dossier.level}."
    return f"Hồ sơ chưa đủ điều kiện phê duyệt cấp độ {dossier.level}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
