"""The after-action report: what was meant, what happened, what follows from it."""

from drills.documents.layout import Sheet

NAMED_MAX = 12
"""More units than these are counted in the text and named in an annex."""
MANY = f"units|length > {NAMED_MAX}"
BARE = '{{ item.rstrip(" .;") }}'
"""An item of a list, which ends with the stop of the list."""


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
    _told(sheet)
    _following(sheet)
    sheet.signature()
    sheet.annex(t("PHỤ LỤC", "ANNEX"), t("Các đơn vị tham gia", "Units that took part"), when=MANY)
    sheet.text('{{ units|join("; ") }}.', when=MANY)


def _general(sheet: Sheet) -> None:
    t = sheet.t
    sheet.chapter(t("THÔNG TIN CHUNG", "GENERAL INFORMATION"))
    sheet.point(
        t("Cuộc diễn tập: ", "Drill: "),
        "{{ drill.code }}, {{ drill.title }} ({{ drill.kind }}).",
    )
    sheet.point(
        t("Thời gian: từ ", "Time: "),
        t("{{ drill.starts }} đến {{ drill.ends }}", "{{ drill.starts }} to {{ drill.ends }}"),
        "{% if drill.place %}",
        t("; địa điểm: {{ drill.place }}", "; place: {{ drill.place }}"),
        "{% endif %}.",
    )
    sheet.point(
        t("Chủ trì: {{ drill.unit }}", "In charge: {{ drill.unit }}"),
        "{% if drill.lead %}",
        t("; chỉ huy: {{ drill.lead }}", "; lead: {{ drill.lead }}"),
        "{% endif %}.",
    )
    counted = t(
        "{{ units|length }} đơn vị (tại Phụ lục)", "{{ units|length }} units (see the annex)"
    )
    sheet.point(
        t("Tham gia: ", "Taking part: "),
        f"{{% if {MANY} %}}{counted}{{% if teams %}}; {{% endif %}}",
        '{{ teams|join("; ") }}{% else %}{{ (units + teams)|join("; ") }}{% endif %}',
        t("{% if people %} ({{ people }} người)", "{% if people %} ({{ people }} people)"),
        "{% endif %}.",
        when="units or teams or people",
    )
    sheet.point(t("Mục đích, yêu cầu:", "Purpose:"), when="purpose")
    sheet.paragraphs("purpose")
    sheet.point(t("Hệ thống thông tin được diễn tập:", "Systems exercised:"), when="systems")
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
    sheet.chapter(t("DIỄN BIẾN", "COURSE OF THE DRILL"), when="timeline or received")
    sheet.table(
        "timeline",
        (
            (t("Thời điểm", "Time"), "{{ item.at }}", 3.0),
            (t("Diễn biến", "What happened"), "{{ item.text }}", 13.5),
        ),
    )
    sheet.point(
        t("Tình huống đã nhận và trả lời:", "Injects received and answered:"), when="received"
    )
    sheet.table(
        "received",
        (
            (t("Số", "No."), "{{ item.number }}", 1.3),
            (t("Nội dung", "What it was about"), "{{ item.summary }}", 5.0),
            (t("Nhận", "Received"), "{{ item.received }}", 2.3),
            (t("Trả lời", "Answered"), "{{ item.answered }}", 2.4),
            (t("Sau", "After"), "{{ item.after }}", 2.0),
            (t("Nhận xét", "The host"), "{{ item.feedback }}", 3.5),
        ),
    )


def _judgement(sheet: Sheet) -> None:
    t = sheet.t
    sheet.chapter(t("ĐÁNH GIÁ", "EVALUATION"))
    _standing(sheet)
    sheet.point(t("Mức độ đạt mục tiêu:", "Objectives:"), when="objectives")
    sheet.table(
        "objectives",
        (
            (t("Mục tiêu", "Objective"), "{{ item.name }}", 4.6),
            (t("Năng lực", "Capability"), "{{ item.capability }}", 2.7),
            (t("Kết quả", "Rating"), "{{ item.rating }}", 2.7),
            (t("Nhận xét", "Remark"), "{{ item.remark }}", 6.5),
        ),
    )
    sheet.point(t("Số liệu:", "Figures:"), when="figures")
    sheet.table(
        "figures",
        (
            (t("Chỉ tiêu", "Figure"), "{{ item.label }}", 10.0),
            (t("Giá trị", "Value"), "{{ item.value }}", 6.5),
        ),
    )
    sheet.point(t("So giữa các bên:", "Side by side:"), when="sides")
    sheet.table(
        "sides",
        (
            (t("Bên tham gia", "Side"), "{{ item.name }}", 5.0),
            ("MTTD", "{{ item.mttd }}", 2.3),
            ("MTTR", "{{ item.mttr }}", 2.3),
            (t("Phát hiện", "Detected"), "{{ item.detected }}", 2.2),
            (t("Khống chế", "Contained"), "{{ item.contained }}", 2.2),
            (t("Đạt", "Met"), "{{ item.met }}", 2.5),
        ),
    )
    sheet.point(t("Kết quả theo tình huống:", "Results by inject:"), when="results")
    sheet.table(
        "results",
        (
            (t("Tình huống", "Inject"), "{{ item.inject }}", 5.0),
            (t("Bên tham gia", "Side"), "{{ item.side }}", 3.2),
            (t("Phát hiện sau", "Detected after"), "{{ item.detected }}", 2.3),
            (t("Khống chế sau", "Contained after"), "{{ item.contained }}", 2.3),
            (
                t("Đánh giá", "Verdict"),
                "{{ item.verdict }}{% if item.note %}. {{ item.note }}{% endif %}",
                3.7,
            ),
        ),
    )
    sheet.point(t("Lỗ hổng phát hiện được:", "Vulnerabilities found:"), when="vulnerabilities")
    sheet.table(
        "vulnerabilities",
        (
            (t("Mức độ", "Severity"), "{{ item.severity }}", 6.5),
            (t("Số lượng", "Found"), "{{ item.count }}", 5.0),
            (t("Chưa khắc phục", "Not mended yet"), "{{ item.open }}", 5.0),
        ),
    )


def _standing(sheet: Sheet) -> None:
    """Our part in somebody else's drill."""
    t = sheet.t
    sheet.point(
        t("Tham gia {{ participation.edition }}", "Our part in {{ participation.edition }}"),
        "{% if participation.theme %}",
        t(", chủ đề “{{ participation.theme }}”", ", “{{ participation.theme }}”"),
        "{% endif %}{% if participation.round %}, {{ participation.round }}{% endif %}",
        "{% if participation.entered %}: {{ participation.entered }}{% endif %}.",
        when="participation.edition",
    )
    sheet.text(
        "{% if participation.rank %}",
        t("Thứ hạng: {{ participation.rank }}", "Rank: {{ participation.rank }}"),
        "{% if participation.scope %} ({{ participation.scope }}){% endif %}. {% endif %}",
        "{% if participation.score %}",
        t("Điểm: {{ participation.score }}. ", "Score: {{ participation.score }}. "),
        "{% endif %}{% if participation.prize %}",
        t("Giải thưởng: {{ participation.prize }}. ", "Prize: {{ participation.prize }}. "),
        "{% endif %}{% if participation.source %}",
        t("Nguồn: ", "Source: ") + '{{ participation.source.rstrip(" .") }}.',
        "{% endif %}",
        when="participation.rank or participation.score or participation.prize",
    )
    sheet.text(
        t("Nhận xét của đơn vị tổ chức: ", "What the host said: "),
        "{{ participation.feedback }}",
        when="participation.feedback",
    )


def _told(sheet: Sheet) -> None:
    t = sheet.t
    sheet.point(t("Ý kiến của người tham gia:", "What those who took part said:"), when="hot_wash")
    sheet.table(
        "hot_wash",
        (
            (t("Câu hỏi", "Question"), "{{ item.question }}", 7.5),
            (t("Trả lời", "Answers"), "{{ item.answer }}", 9.0),
        ),
    )
    sheet.point(t("Ưu điểm:", "Strengths:"), when="strengths")
    sheet.items("strengths", BARE)
    sheet.point(t("Tồn tại, hạn chế:", "To be improved:"), when="improvements")
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
    sheet.chapter(t("KẾ HOẠCH KHẮC PHỤC", "IMPROVEMENT PLAN"), when="actions")
    sheet.table(
        "actions",
        (
            (t("Công việc", "Action"), "{{ item.title }}", 6.6),
            (t("Chủ trì", "Owner"), "{{ item.owner }}", 4.2),
            (t("Thời hạn", "Due"), "{{ item.due|day }}", 2.7),
            (t("Tình trạng", "Status"), "{{ item.status }}", 3.0),
        ),
    )
    sheet.chapter(t("BÀI HỌC KINH NGHIỆM", "LESSONS"), when="lessons")
    sheet.items("lessons", BARE)
    sheet.chapter(t("KẾT LUẬN", "CONCLUSION"), when="conclusion")
    sheet.paragraphs("conclusion")
