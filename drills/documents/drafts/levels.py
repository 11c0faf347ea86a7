"""Documents on security levels, after the forms of Decree 331/2026/NĐ-CP."""

from drills.documents.layout import Sheet


def proposal(sheet: Sheet) -> None:
    """Tờ trình: forms 01, 02 and 05."""
    t = sheet.t
    sheet.head("TTr")
    sheet.title(
        t("TỜ TRÌNH", "REQUEST"),
        t(
            "Về việc đề nghị {{ request }} hồ sơ đề xuất cấp độ\n{{ system.name }}",
            "To {{ request }} the proposed security level of\n{{ system.name }}",
        ),
    )
    sheet.addressees()
    sheet.grounds()
    sheet.text(
        t(
            "{{ operator.name or agency_name }} đề nghị {{ request }} hồ sơ đề xuất cấp độ đối với"
            " hệ thống thông tin sau:",
            "{{ operator.name or agency_name }} asks you to {{ request }} the dossier that proposes"
            " the level of this information system:",
        )
    )
    sheet.heading(t("I. THÔNG TIN CHUNG", "I. GENERAL INFORMATION"))
    _system(sheet)
    sheet.text(
        t("5. Cấp độ đề xuất: ", "5. Proposed level: "),
        ("b", t("cấp độ {{ level or '……' }}", "level {{ level or '……' }}")),
        ".",
    )
    sheet.text(
        t("6. Mô tả: {{ system.description }}", "6. Description: {{ system.description }}"),
        when="system.description",
    )
    sheet.heading(t("II. CĂN CỨ ĐỀ XUẤT CẤP ĐỘ", "II. WHY THIS LEVEL"), when="reasons")
    sheet.items("reasons", "{{ item }}")
    sheet.heading(
        t(
            '{{ "III" if reasons else "II" }}. HỒ SƠ KÈM THEO',
            '{{ "III" if reasons else "II" }}. THE DOSSIER',
        ),
        when="documents",
    )
    sheet.items("documents", "{{ item }}", lead="{{ loop.index }}. ")
    sheet.text(
        t(
            "Thông tin liên hệ: {{ contact.name }}, điện thoại {{ contact.phone }}, thư điện tử"
            " {{ contact.email }}.",
            "Contact: {{ contact.name }}, telephone {{ contact.phone }}, e-mail"
            " {{ contact.email }}.",
        ),
        when="contact.name",
    )
    sheet.text(
        t(
            "{{ operator.name or agency_name }} trân trọng đề nghị quý cơ quan xem xét,"
            " {{ request }} theo quy định./.",
            "{{ operator.name or agency_name }} asks for your consideration as the law provides.",
        )
    )
    sheet.signature()


def opinion(sheet: Sheet) -> None:
    """Ý kiến thẩm định: form 04, a letter."""
    t = sheet.t
    sheet.head(
        "CV",
        about=t(
            "V/v ý kiến thẩm định hồ sơ đề xuất cấp độ {{ system.name }}",
            "Re: appraisal of the proposed level of {{ system.name }}",
        ),
    )
    sheet.addressees()
    sheet.grounds()
    sheet.text(
        t(
            "{{ agency_name }} nhận được văn bản số {{ reference.number }} "
            "{{ reference.on|long_day }} của {{ reference.sender }} đề nghị thẩm định hồ sơ đề"
            " xuất cấp độ. Sau khi xem xét, {{ agency_name }} có ý kiến như sau:",
            "{{ agency_name }} received letter no. {{ reference.number }} of"
            " {{ reference.on|long_day }} from {{ reference.sender }}, asking to appraise a"
            " proposed level. Having examined it, {{ agency_name }} is of this opinion:",
        ),
        when="reference.number",
    )
    sheet.heading(t("I. THÔNG TIN CHUNG", "I. GENERAL INFORMATION"))
    _system(sheet)
    sheet.text(
        t(
            "5. Cấp độ: cấp độ {{ level or '……' }}.",
            "5. Level: level {{ level or '……' }}.",
        )
    )
    sheet.text(
        t(
            "6. Ngày nhận đủ hồ sơ hợp lệ: {{ received_on|day }}.",
            "6. Valid and complete dossier received on {{ received_on|day }}.",
        ),
        when="received_on",
    )
    sheet.heading(t("II. NỘI DUNG THẨM ĐỊNH", "II. WHAT WAS EXAMINED"), when="findings")
    sheet.table(
        "findings",
        (
            (t("TT", "No."), "{{ loop.index }}", 1.2),
            (t("Nội dung", "Part"), "{{ item.part }}", 4.8),
            (t("Kết quả", "Result"), "{{ item.verdict }}", 3.0),
            (t("Ý kiến", "Remark"), "{{ item.remark }}", 7.5),
        ),
    )
    sheet.heading(t("III. KẾT LUẬN", "III. CONCLUSION"))
    sheet.paragraphs("conclusion")
    sheet.text(
        t(
            "{{ operator.name }} có trách nhiệm thực hiện các nội dung sau:",
            "{{ operator.name }} has to do the following:",
        ),
        when="requests",
    )
    sheet.items("requests", "{{ item }}")
    sheet.signature()


def decision(sheet: Sheet) -> None:
    """Quyết định phê duyệt cấp độ: form 06."""
    t = sheet.t
    _decide(
        sheet,
        t(
            "Phê duyệt cấp độ {{ security }} đối với\n{{ system.name }}",
            "Approving the security level of\n{{ system.name }}",
        ),
    )
    _article(
        sheet,
        1,
        t(
            "Phê duyệt cấp độ đối với hệ thống thông tin với các nội dung sau:",
            "The level of this information system is approved:",
        ),
    )
    _system(sheet)
    sheet.text(
        t("5. Cấp độ được phê duyệt: ", "5. Approved level: "),
        ("b", t("cấp độ {{ level or '……' }}", "level {{ level or '……' }}")),
        ".",
    )
    sheet.text(
        t(
            "6. Phương án bảo đảm {{ security }} trong thiết kế hệ thống"
            ' {{ "phù hợp" if fits_in_design else "chưa phù hợp" }} với {{ standard }}; trong vận'
            ' hành hệ thống {{ "phù hợp" if fits_in_operation else "chưa phù hợp" }} với'
            " {{ standard }}.",
            '6. The protection plan {{ "fits" if fits_in_design else "does not yet fit" }}'
            " {{ standard }} in the design of the system and"
            ' {{ "fits" if fits_in_operation else "does not yet fit" }} it in operation.',
        ),
        when="standard",
    )
    _article(
        sheet,
        2,
        t(
            "{{ responsible or operator.name }} chịu trách nhiệm triển khai đầy đủ phương án bảo"
            " đảm {{ security }} tương ứng với cấp độ được phê duyệt; kiểm tra, đánh giá và báo cáo"
            " theo quy định.",
            "{{ responsible or operator.name }} carries out the whole protection plan of the"
            " approved level, checks it and reports as the law provides.",
        ),
    )
    _in_force(sheet)


def plan_decision(sheet: Sheet) -> None:
    """Quyết định phê duyệt phương án: form 07."""
    t = sheet.t
    _decide(
        sheet,
        t(
            "Phê duyệt phương án bảo đảm {{ security }} đối với\n{{ system.name }}",
            "Approving the protection plan of\n{{ system.name }}",
        ),
    )
    _article(
        sheet,
        1,
        t(
            "Phê duyệt phương án bảo đảm {{ security }} cấp độ {{ level or '……' }} với các nội dung"
            " sau:",
            "The protection plan for level {{ level or '……' }} is approved:",
        ),
    )
    _system(sheet)
    sheet.text(
        t(
            "5. Phương án: {{ plan.name }}{% if plan.version %}, phiên bản {{ plan.version }}"
            "{% endif %}{% if plan.on %}, {{ plan.on|long_day }}{% endif %}.",
            "5. The plan: {{ plan.name }}{% if plan.version %}, version {{ plan.version }}"
            "{% endif %}{% if plan.on %}, {{ plan.on|long_day }}{% endif %}.",
        )
    )
    sheet.text(
        t("6. Phương án gồm các nội dung:", "6. What the plan covers:"),
        when="parts",
    )
    sheet.items("parts", "{{ item }}", lead='{{ "abcdđeghiklmnopqrstuvxy"[loop.index0] }}) ')
    sheet.text(
        t(
            "7. Tiêu chuẩn áp dụng: {{ standard }}.",
            "7. Standard: {{ standard }}.",
        ),
        when="standard",
    )
    _article(
        sheet,
        2,
        t(
            "{{ responsible or operator.name }} chịu trách nhiệm tổ chức thực hiện phương án; rà"
            " soát, cập nhật khi hệ thống có thay đổi hoặc theo kết quả kiểm tra, đánh giá.",
            "{{ responsible or operator.name }} carries the plan out, reviews it and keeps it up to"
            " date when the system changes or a check demands it.",
        ),
    )
    _in_force(sheet)


def _decide(sheet: Sheet, about: str) -> None:
    t = sheet.t
    sheet.head("QĐ")
    sheet.title(t("QUYẾT ĐỊNH", "DECISION"), about)
    sheet.authority()
    sheet.grounds("proposer")
    sheet.announce(t("QUYẾT ĐỊNH:", "DECIDES:"))


def _article(sheet: Sheet, number: int, text: str) -> None:
    sheet.text(("b", sheet.t(f"Điều {number}. ", f"Article {number}. ")), text)


def _in_force(sheet: Sheet) -> None:
    t = sheet.t
    sheet.text(
        ("b", t("Điều 3. ", "Article 3. ")),
        t(
            "{{ supervisor }} có trách nhiệm theo dõi, giám sát việc thực hiện Quyết định này.",
            "{{ supervisor }} supervises that this decision is carried out.",
        ),
        when="supervisor",
    )
    sheet.text(
        ("b", t("Điều {{ 4 if supervisor else 3 }}. ", "Article {{ 4 if supervisor else 3 }}. ")),
        t(
            "Quyết định này có hiệu lực kể từ ngày ký. Thủ trưởng {{ operator.name }} và các cơ"
            " quan, đơn vị, cá nhân có liên quan chịu trách nhiệm thi hành Quyết định này./.",
            "This decision takes effect on the day it is signed. The head of {{ operator.name }}"
            " and everybody concerned carry it out.",
        ),
    )
    sheet.signature()


def _system(sheet: Sheet) -> None:
    t = sheet.t
    sheet.text(
        t(
            "1. Tên hệ thống thông tin: {{ system.name }}{% if system.code %}"
            " (mã {{ system.code }}){% endif %}.",
            "1. Information system: {{ system.name }}{% if system.code %}"
            " (code {{ system.code }}){% endif %}.",
        )
    )
    sheet.text(
        t("2. Chủ quản hệ thống thông tin: ", "2. Owner: "),
        "{{ owner.name }}{% if owner.address %}, {{ owner.address }}{% endif %}.",
    )
    sheet.text(t("3. Đơn vị vận hành: ", "3. Operator: "), "{{ operator.name }}.")
    sheet.text(t("4. Địa chỉ: ", "4. Address: "), "{{ operator.address or '……' }}.")
