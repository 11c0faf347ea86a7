"""The after-action report: what was meant, what happened, what follows from it."""

from drills.documents.layout import Sheet


def after_action(sheet: Sheet) -> None:
    t = sheet.t
    sheet.head("BC")
    sheet.title(
        t("BÁO CÁO", "REPORT"),
        t("Kết quả {{ drill.title }}", "After action: {{ drill.title }}"),
    )
    sheet.addressees()
    _general(sheet)
    _course(sheet)
    _judgement(sheet)
    _following(sheet)
    sheet.signature()


def _general(sheet: Sheet) -> None:
    t = sheet.t
    sheet.heading(t("I. THÔNG TIN CHUNG", "I. GENERAL INFORMATION"))
    sheet.text(
        t("1. Cuộc diễn tập: ", "1. Drill: "),
        "{{ drill.code }}, {{ drill.title }} ({{ drill.kind }}).",
    )
    sheet.text(
        t("2. Thời gian: từ ", "2. Time: "),
        t("{{ drill.starts }} đến {{ drill.ends }}", "{{ drill.starts }} to {{ drill.ends }}"),
        "{% if drill.place %}",
        t("; địa điểm: {{ drill.place }}", "; place: {{ drill.place }}"),
        "{% endif %}.",
    )
    sheet.text(
        t("3. Chủ trì: {{ drill.unit }}", "3. In charge: {{ drill.unit }}"),
        "{% if drill.lead %}",
        t("; chỉ huy: {{ drill.lead }}", "; lead: {{ drill.lead }}"),
        "{% endif %}.",
    )
    sheet.text(
        t("4. Tham gia: ", "4. Taking part: "),
        '{{ (units + teams)|join("; ") }}{% if people %} ',
        t("({{ people }} người)", "({{ people }} people)"),
        "{% endif %}.",
    )
    sheet.text(t("5. Mục đích, yêu cầu:", "5. Purpose:"), when="purpose")
    sheet.paragraphs("purpose")
    sheet.text(t("6. Hệ thống thông tin được diễn tập:", "6. Systems exercised:"), when="systems")
    sheet.table(
        "systems",
        (
            (t("Mã", "Code"), "{{ item.code }}", 3.0),
            (t("Hệ thống thông tin", "Information system"), "{{ item.name }}", 10.5),
            (t("Cấp độ", "Level"), '{{ item.level or "–" }}', 3.0),
        ),
    )


def _course(sheet: Sheet) -> None:
    t = sheet.t
    sheet.heading(t("II. DIỄN BIẾN", "II. COURSE OF THE DRILL"), when="timeline")
    sheet.table(
        "timeline",
        (
            (t("Thời điểm", "Time"), "{{ item.at }}", 3.0),
            (t("Diễn biến", "What happened"), "{{ item.text }}", 13.5),
        ),
    )


def _judgement(sheet: Sheet) -> None:
    t = sheet.t
    sheet.heading(t("III. ĐÁNH GIÁ", "III. EVALUATION"))
    sheet.text(t("1. Mức độ đạt mục tiêu:", "1. Objectives:"), when="objectives")
    sheet.table(
        "objectives",
        (
            (t("Mục tiêu", "Objective"), "{{ item.name }}", 4.6),
            (t("Năng lực", "Capability"), "{{ item.capability }}", 2.7),
            (t("Kết quả", "Rating"), "{{ item.rating }}", 2.7),
            (t("Nhận xét", "Remark"), "{{ item.remark }}", 6.5),
        ),
    )
    sheet.text(t("2. Số liệu:", "2. Figures:"), when="figures")
    sheet.table(
        "figures",
        (
            (t("Chỉ tiêu", "Figure"), "{{ item.label }}", 11.0),
            (t("Giá trị", "Value"), "{{ item.value }}", 5.5),
        ),
    )
    sheet.text(t("3. Ưu điểm:", "3. Strengths:"), when="strengths")
    sheet.items("strengths", "{{ item }}")
    sheet.text(t("4. Tồn tại, hạn chế:", "4. To be improved:"), when="improvements")
    sheet.table(
        "improvements",
        (
            (t("Tồn tại", "Finding"), "{{ item.title }}", 4.4),
            (t("Mức độ", "Severity"), "{{ item.severity }}", 2.1),
            (t("Nguyên nhân", "Analysis"), "{{ item.analysis }}", 5.0),
            (t("Kiến nghị", "Recommendation"), "{{ item.recommendation }}", 5.0),
        ),
    )


def _following(sheet: Sheet) -> None:
    t = sheet.t
    sheet.heading(t("IV. BIỆN PHÁP KHẮC PHỤC", "IV. CORRECTIVE ACTIONS"), when="actions")
    sheet.table(
        "actions",
        (
            (t("Công việc", "Action"), "{{ item.title }}", 6.6),
            (t("Chủ trì", "Owner"), "{{ item.owner }}", 4.2),
            (t("Thời hạn", "Due"), "{{ item.due|day }}", 2.7),
            (t("Tình trạng", "Status"), "{{ item.status }}", 3.0),
        ),
    )
    sheet.heading(t("V. BÀI HỌC KINH NGHIỆM", "V. LESSONS"), when="lessons")
    sheet.items("lessons", "{{ item }}")
    sheet.heading(t("VI. KẾT LUẬN", "VI. CONCLUSION"), when="conclusion")
    sheet.paragraphs("conclusion")
