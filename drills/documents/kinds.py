"""The documents this program writes: for each its fields, explained, and a sample of all."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from drills.core.text import N_
from drills.documents import samples


@dataclass(frozen=True, slots=True)
class Field:
    """One value a template may use. ``sample`` shows its shape, and fills the trial run."""

    name: str
    label: str
    sample: Any

    def paths(self) -> Iterator[tuple[str, Any]]:
        """How a template names this value and its parts, each with its sample."""
        one = self.sample[0] if isinstance(self.sample, list) and self.sample else self.sample
        row = self.name if one is self.sample else f"{self.name}[]"
        if isinstance(one, dict):
            yield from ((f"{row}.{part}", value) for part, value in one.items())
        else:
            yield row, one

    @property
    def empty(self) -> Any:
        return empty(self.sample)


def empty(sample: Any) -> Any:
    """A value of the shape of ``sample`` that says nothing."""
    if isinstance(sample, dict):
        return {part: empty(value) for part, value in sample.items()}
    if isinstance(sample, str | list | bool):
        return type(sample)()
    return None


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of document; ``own`` are its fields beside those of every letter."""

    key: str
    label: str
    own: tuple[Field, ...]

    @property
    def fields(self) -> tuple[Field, ...]:
        return (*LETTER, *self.own)

    @property
    def sample(self) -> dict[str, Any]:
        return {field.name: field.sample for field in self.fields}


LETTER: tuple[Field, ...] = (
    Field("superior", N_("The agency above, in the head of the page"), "UBND TỈNH LAM GIANG"),
    Field("agency", N_("The agency that issues the document"), "SỞ KHOA HỌC VÀ CÔNG NGHỆ"),
    Field("agency_name", N_("The same in running text"), "Sở Khoa học và Công nghệ"),
    Field("number", N_("Number and symbol; left open while it is empty"), "15/QĐ-SKHCN"),
    Field("place", N_("Where it is signed"), "Lam Giang"),
    Field("on", N_("The day it is signed; left open while it is empty"), date(2026, 11, 5)),
    Field("urgency", N_("KHẨN, THƯỢNG KHẨN or HỎA TỐC, mostly empty"), ""),
    Field("authority", N_("Who decides, in capitals; only in decisions"), samples.AUTHORITY),
    Field("addressees", N_("Whom it is addressed to"), ["Ủy ban nhân dân tỉnh Lam Giang"]),
    Field("grounds", N_("The legal grounds, without full stops"), samples.GROUNDS),
    Field("recipients", N_("Who receives it, without the dash before"), samples.RECIPIENTS),
    Field("signer_on_behalf", N_("First line of the signature, such as TM. or TL."), ""),
    Field("signer_for", N_("Second line of the signature, such as KT. GIÁM ĐỐC"), "KT. GIÁM ĐỐC"),
    Field("signer_title", N_("Title of the signer"), "PHÓ GIÁM ĐỐC"),
    Field("signer_name", N_("Name of the signer"), "Nguyễn Thu Lam"),
)

_SYSTEM = (
    Field("system", N_("The information system"), samples.SYSTEM),
    Field("owner", N_("The owner of the system"), samples.OWNER),
    Field("operator", N_("The operator of the system"), samples.OPERATOR),
    Field("level", N_("The level, 1 to 5"), 3),
)
_FOLLOWING = (
    Field("security", N_("What the law of the dossier calls it"), "an ninh mạng"),
    Field("standard", N_("The standard the plan is measured by"), "TCVN 14423:2026"),
    Field("responsible", N_("The unit that carries the plan out"), "Trung tâm Chuyển đổi số"),
    Field("supervisor", N_("The unit that supervises it"), "Phòng An ninh mạng, Công an tỉnh"),
)

KINDS: Mapping[str, Kind] = {
    kind.key: kind
    for kind in (
        Kind(
            "approval_proposal",
            N_("Request to appraise or approve a level"),
            (
                *_SYSTEM,
                Field("request", N_("What is asked for"), "thẩm định và phê duyệt"),
                Field("reasons", N_("Why this level: the criteria that are met"), samples.REASONS),
                Field("documents", N_("What the dossier holds"), samples.DOCUMENTS),
                Field("contact", N_("Whom to ask"), samples.CONTACT),
            ),
        ),
        Kind(
            "approval_opinion",
            N_("Appraisal opinion"),
            (
                *_SYSTEM,
                Field("reference", N_("The request it answers"), samples.REFERENCE),
                Field("received_on", N_("When the dossier was complete"), date(2026, 10, 19)),
                Field("findings", N_("What was found, part by part"), samples.OPINIONS),
                Field("conclusion", N_("The conclusion"), samples.CONCLUSION),
                Field("requests", N_("What has still to be done"), samples.REQUESTS),
            ),
        ),
        Kind(
            "approval_decision",
            N_("Decision that approves a level"),
            (
                *_SYSTEM,
                Field("proposer", N_("On whose proposal"), "Giám đốc Trung tâm Chuyển đổi số"),
                Field("fits_in_design", N_("The plan fits in design"), sample=True),
                Field("fits_in_operation", N_("The plan fits in operation"), sample=True),
                *_FOLLOWING,
            ),
        ),
        Kind(
            "approval_plan_decision",
            N_("Decision that approves a protection plan"),
            (
                *_SYSTEM,
                Field("proposer", N_("On whose proposal"), "Giám đốc Trung tâm Chuyển đổi số"),
                Field("plan", N_("The plan"), samples.PLAN),
                Field("parts", N_("What the plan covers"), samples.PARTS),
                *_FOLLOWING,
            ),
        ),
        Kind(
            "after_action_report",
            N_("After-action report"),
            (
                Field("drill", N_("The drill"), samples.DRILL),
                Field("purpose", N_("What the drill was for"), samples.PURPOSE),
                Field("units", N_("Units that took part"), samples.UNITS),
                Field("teams", N_("Teams that took part"), ["Đội ứng phó sự cố tỉnh"]),
                Field("people", N_("How many people took part"), 46),
                Field("systems", N_("Systems exercised"), [samples.SYSTEM_ROW]),
                Field("objectives", N_("Objectives and how they were met"), samples.OBJECTIVES),
                Field("figures", N_("Measured figures"), samples.FIGURES),
                Field("timeline", N_("The course of the drill"), samples.TIMELINE),
                Field("results", N_("Results by inject and side"), samples.RESULTS),
                Field("sides", N_("The sides compared"), samples.SIDES),
                Field(
                    "vulnerabilities",
                    N_("Vulnerabilities by severity"),
                    samples.VULNERABILITIES,
                ),
                Field(
                    "participation",
                    N_("Our part in somebody else's drill, if it was one"),
                    samples.PARTICIPATION,
                ),
                Field("received", N_("Injects received and answered"), samples.RECEIVED),
                Field("hot_wash", N_("What those who took part said"), samples.HOT_WASH),
                Field("strengths", N_("What went well"), samples.STRENGTHS),
                Field("improvements", N_("What has to be improved"), samples.IMPROVEMENTS),
                Field("actions", N_("Corrective actions"), samples.ACTIONS),
                Field("lessons", N_("Lessons"), samples.LESSONS),
                Field("conclusion", N_("The conclusion"), samples.VERDICT),
            ),
        ),
    )
}
