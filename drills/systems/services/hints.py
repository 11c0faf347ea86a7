"""How to fill in each column of the list, with an example."""

from drills.core.text import N_

HINTS = {
    "code": (N_("Left empty, a new system gets the next number. A known code changes that system."),
             "HT-0001"),
    "name": (N_("Needed."), "Cổng dịch vụ công"),
    "description": (N_("In a few sentences."), "Tiếp nhận và trả kết quả thủ tục hành chính"),
    "owner_id": (N_("Code or exact name of a unit. Empty: the operator."), "Sở Y tế"),
    "operator_id": (N_("Code or exact name of a unit. Empty: the owner."), "Sở Y tế"),
    "kind": (N_("What the system serves."), "Phục vụ người dân, doanh nghiệp"),
    "status": (N_("Empty for a new system: in operation."), "Đang vận hành"),
    "level": (N_("1 to 5; “Cấp 3”, “III” and “cấp độ 3” mean the same."), "3"),
    "approval": (N_("“Approved” needs level, decision number, date and authority."),
                 "Đã được phê duyệt"),
    "decision_number": (N_("As printed on the decision."), "1482/QĐ-UBND"),
    "decision_date": (N_("Day/month/year."), "23/11/2026"),
    "decision_authority": (N_("The authority that took the decision."), "UBND tỉnh"),
    "signer": (N_("The person who signed it."), "Trần Văn Bình"),
    "valid_until": (N_("Day/month/year. Empty: without end."), "23/11/2029"),
    "review_due_on": (N_("Day/month/year."), "23/11/2027"),
    "responsible_id": (N_("E-mail address or exact name of a person."), "lan@so-y-te.example"),
    "plan_state": (N_("How far the security plan is carried out."), "Đã triển khai một phần"),
    "plan_expected_on": (N_("Day/month/year."), "30/06/2027"),
    "approval_expected_on": (N_("Day/month/year."), "31/12/2026"),
    "regulation_number": (N_("As printed on the regulation."), "215/QĐ-SYT"),
    "regulation_date": (N_("Day/month/year."), "15/03/2026"),
    "regulation_authority": (N_("Who issued the regulation."), "Sở Y tế"),
    "has_public_information": (N_("Yes or no."), "Có"),
    "has_private_information": (N_("Yes or no."), "Có"),
    "has_personal_data": (N_("Yes or no."), "Có"),
    "has_state_secrets": (N_("Yes or no."), "Không"),
}  # fmt: skip
