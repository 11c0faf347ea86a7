"""One subject of every kind of reminder, and the delivery that would tell somebody of it."""

from datetime import UTC, date, datetime, timedelta

from drills.approvals.models import Condition, Dossier
from drills.exercises.models import Edition, Invitation, Round, Series, Survey, SurveyInvitation
from drills.exercises.models.series import RoundLevel
from drills.obligations.models import Obligation, ObligationRule, Standing, SubjectKind
from drills.obligations.models.rules import RuleVersion
from drills.reminders.kinds import KINDS
from drills.reminders.models import DIGEST, Delivery, ReminderRule, State
from drills.roster.models import Certificate, ContactAsk, ContactCheck, Shift
from drills.systems.models import Decision

ON = date(2026, 12, 3)
AT = datetime(2026, 12, 3, 1, 0, tzinfo=UTC)
INTRODUCTION = "Ý kiến của anh/chị giúp cuộc sau tốt hơn."
WHO = {
    "drill": "lead", "drill_changed": "told", "drill_off": "told", "drill_left": "told",
    "invitation": "invited", "rsvp_missing": "invited", "survey": "self", "contact_ask": "self",
    "shift": "self", "certificate_expiring": "self", "registration_deadline": "role:security_team",
    "round_deadline": "role:security_team", "delivery_failed": "role:administrator",
    "dossier_clock": "manager", "decision_review": "unit_officers",
}  # fmt: skip


def subjects(make, person):
    """By the kind's key."""
    root = make.root()
    root.name = "UBND tỉnh Lam Giang"
    lead = make.person(name="Trần Thị Lan", email="lan@lamgiang.example")
    drill = make.drill(
        code="DT-2026-07",
        title="Mã độc tống tiền tại Sở Y tế",
        starts_at=AT,
        place="Phòng họp 3, tầng 2",
        summary="Mang theo máy tính xách tay.",
        lead=lead,
    )
    system = make.system(code="HT-0117", name="Cổng dịch vụ công")
    found = dict.fromkeys(("drill", "drill_changed", "drill_off", "drill_left"), drill)
    found |= _answers(make, drill, person) | _series(make) | _levels(make, system)
    found |= _duties(make, drill) | _roster(make, person)
    found["action_due"] = make.action(
        drill, code="KP-2026-004", text="Bật xác thực hai lớp cho thư điện tử", owner=lead
    )
    found["delivery_failed"] = lead
    return found


def _answers(make, drill, person):
    asked = Invitation(drill=drill, person=person, invited_at=make.now, nonce="a-nonce")
    closes = make.now + timedelta(days=10)
    survey = Survey(drill=drill, opened_at=make.now, closes_at=closes, introduction=INTRODUCTION)
    sheet = SurveyInvitation(survey=survey, person=person, invited_at=make.now, nonce="a-nonce")
    asked, sheet = make.save(asked), make.save(sheet)
    return {"invitation": asked, "rsvp_missing": asked, "survey": sheet}


def _series(make):
    series = make.save(Series(code="ACID", name="Diễn tập ASEAN", host="CSA, Singapore"))
    edition = make.save(Edition(series=series, year=2027, registration_by=ON))
    one = Round(
        edition=edition, level=next(iter(RoundLevel)), name="Vòng khu vực", registration_by=ON
    )
    return {"registration_deadline": edition, "round_deadline": make.save(one)}


def _levels(make, system):
    decision = make.save(
        Decision(
            system=system,
            number="12/QĐ-UBND",
            signed_on=date(2024, 12, 3),
            authority="UBND tỉnh",
            level=3,
            recorded_at=make.now,
            valid_until=ON,
            review_due_on=ON,
        )
    )
    regime = make.regimes()["nd-331-2026"]
    dossier = make.save(Dossier(code="HSCD-2026-09", system=system, regime=regime, level=3))
    condition = make.save(
        Condition(decision=decision, text="Bổ sung sao lưu ngoại tuyến", due_on=ON)
    )
    return {
        "decision_expiring": decision,
        "decision_review": decision,
        "dossier_clock": dossier,
        "condition_due": condition,
    }


def _duties(make, drill):
    owed = {"state": Standing.DUE_SOON, "updated_at": make.now, "next_due_on": ON}
    rules = [
        _rule(
            make, "yearly", "Diễn tập thực chiến hằng năm", "Yearly live drill", SubjectKind.UNIT
        ),
        _rule(make, "report", "Báo cáo sau diễn tập", "Report after a drill", SubjectKind.DRILL),
    ]
    unit, root = drill.unit_id, make.root()
    yearly = {"rule": rules[0], "subject_kind": SubjectKind.UNIT, "subject_id": unit}
    report = {"rule": rules[1], "subject_kind": SubjectKind.DRILL, "subject_id": drill.id}
    return {
        "obligation_due": make.save(Obligation(**yearly, unit=root, **owed)),
        "aar_due": make.save(Obligation(**report, unit=root, **owed)),
    }


def _rule(make, key, title, title_en, kind):
    version = RuleVersion(
        valid_from=date(2026, 7, 1), cadence={}, article="Điều 12", legal_basis="NĐ 331/2026/NĐ-CP"
    )
    rule = ObligationRule(
        key=key,
        title_vi=title,
        title_en=title_en,
        subject_kind=kind,
        met_by="records",
        counted_from=date(2026, 1, 1),
    )
    rule.versions = [version]
    return make.save(rule)


def _roster(make, person):
    team = make.team(name="Đội ứng cứu sự cố tỉnh")
    held = Certificate(person=person, name="CEH", number="ECC-1", expires_on=ON)
    check = ContactCheck(
        name="Kiểm tra liên lạc quý IV",
        unit=make.root(),
        opened_at=make.now,
        closes_at=make.now + timedelta(days=14),
        retry_days=3,
        rounds=3,
        purpose="",
    )
    ask = ContactAsk(check=check, person=person, nonce="a-nonce", ask_at=make.now)
    shift = Shift(team=team, person=person, starts_at=AT, ends_at=AT + timedelta(hours=12))
    return {
        "certificate_expiring": make.save(held),
        "contact_ask": make.save(ask),
        "shift": make.save(shift),
    }


def delivery(make, kind, subject, person, **given):
    """As it stands when a worker has claimed it; days for what is due on a day."""
    of_a_day = (
        kind == DIGEST
        or "_due" in kind
        or kind.endswith(("deadline", "expiring", "review", "clock"))
    )
    anchor = {"anchor_on": ON} if of_a_day else {"anchor_at": AT}
    values = {
        "delivery_key": f"{kind}:{person.id}",
        "kind": kind,
        "subject_id": subject.id,
        "person": person,
        "due_at": make.now,
        "next_at": make.now,
        "address": person.email,
        "reason": DIGEST if kind == DIGEST else WHO.get(kind, "owner"),
        "state": State.CLAIMED,
    }
    return make.save(Delivery(**values | anchor | given))


def all_deliveries(make, person):
    """Of every kind, and a digest that holds two of them."""
    found = subjects(make, person)
    failed = found["delivery_failed"]
    late = {"state": State.FAILED, "error": "550 no such person", "delivery_key": "failed"}
    delivery(make, "drill", found["drill"], failed, **late)
    made = {key: delivery(make, key, found[key], person) for key in KINDS}
    made[DIGEST] = digest = delivery(make, DIGEST, person, person)
    own = make.action(code="KP-2026-005", text="Diễn tập lại khôi phục", owner=person, due_on=ON)
    _grouped(make, digest, "action_due", own, "owner")
    _grouped(make, digest, "certificate_expiring", found["certificate_expiring"], "self")
    return made


def _grouped(make, digest, kind, subject, audience):
    """An item of a digest that still stands."""
    rule = ReminderRule(kind=kind, amount=10)
    rule.speak_to(frozenset({audience}))
    item = {"state": State.GROUPED, "digest_id": digest.id, "delivery_key": f"item:{kind}"}
    delivery(make, kind, subject, digest.person, rule=make.save(rule), reason=audience, **item)
