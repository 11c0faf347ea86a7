"""What a trial run of a template is filled with: invented, but true to the field."""

from datetime import date

GROUNDS = [
    "Căn cứ Luật An ninh mạng ngày 10 tháng 12 năm 2025",
    "Căn cứ Nghị định số 331/2026/NĐ-CP ngày 19 tháng 8 năm 2026 của Chính phủ",
    "Xét hồ sơ đề xuất cấp độ của Trung tâm Chuyển đổi số <bản A&B>",
]
AUTHORITY = "GIÁM ĐỐC SỞ KHOA HỌC VÀ CÔNG NGHỆ"
RECIPIENTS = ["Như Điều 3", "Công an tỉnh (để phối hợp)", "Lưu: VT, CNTT"]
SYSTEM = {
    "name": "Hệ thống thông tin giải quyết thủ tục hành chính tỉnh Lam Giang",
    "code": "HT-0117",
    "description": "Tiếp nhận và trả kết quả hồ sơ trực tuyến của 96 xã, phường, đặc khu.",
}
SYSTEM_ROW = {"code": "HT-0117", "name": "Hệ thống giải quyết thủ tục hành chính", "level": 3}
OWNER = {
    "name": "Ủy ban nhân dân tỉnh Lam Giang",
    "address": "01 đường Hùng Vương, phường Lam Sơn, tỉnh Lam Giang",
}
OPERATOR = {
    "name": "Trung tâm Chuyển đổi số",
    "address": "12 đường Trần Phú, phường Lam Sơn, tỉnh Lam Giang",
}
CONTACT = {"name": "Lê Hoàng Nam", "phone": "0900 000 117", "email": "nam.lh@lamgiang.example"}
REASONS = [
    "Cung cấp dịch vụ công trực tuyến toàn trình cho người dân và doanh nghiệp",
    "Xử lý dữ liệu cá nhân của từ 10.000 người sử dụng trở lên",
]
DOCUMENTS = [
    "Tài liệu mô tả, thuyết minh tổng quan hệ thống thông tin",
    "Tài liệu thiết kế hệ thống đã được phê duyệt",
    "Thuyết minh việc đề xuất cấp độ căn cứ theo các tiêu chí",
    "Thuyết minh phương án bảo đảm an toàn thông tin tương ứng với cấp độ đề xuất",
]
REFERENCE = {"number": "214/TTr-CĐS", "on": date(2026, 10, 12), "sender": "Trung tâm Chuyển đổi số"}
OPINIONS = [
    {
        "part": "Mô tả, thuyết minh tổng quan",
        "verdict": "Đạt",
        "remark": "Phạm vi, ranh giới và các hệ thống có kết nối được mô tả đầy đủ.",
    },
    {
        "part": "Thuyết minh cấp độ",
        "verdict": "Đạt",
        "remark": "Các tiêu chí của cấp độ 3 được chứng minh bằng số liệu.",
    },
    {
        "part": "Phương án bảo đảm an toàn",
        "verdict": "Đạt, cần bổ sung",
        "remark": "Bổ sung lịch diễn tập khôi phục dữ liệu từ bản sao lưu ngoại tuyến.",
    },
]
CONCLUSION = (
    "Hồ sơ đủ điều kiện trình cấp có thẩm quyền phê duyệt cấp độ 3 đối với hệ thống thông tin nêu"
    " trên."
)
REQUESTS = ["Bổ sung lịch diễn tập khôi phục dữ liệu trước ngày 31 tháng 12 năm 2026"]
PLAN = {
    "name": "Phương án bảo đảm an toàn hệ thống giải quyết thủ tục hành chính",
    "version": "2.0",
    "on": date(2026, 10, 9),
}
PARTS = [
    "Bảo đảm an toàn trong thiết kế, xây dựng",
    "Bảo đảm an toàn trong vận hành",
    "Kiểm tra, đánh giá an toàn",
    "Quản lý rủi ro",
    "Giám sát an toàn",
    "Dự phòng, ứng phó sự cố, khôi phục sau thảm họa",
    "Kết thúc vận hành, khai thác, thanh lý, hủy bỏ",
]
DRILL = {
    "code": "DT-2026-07",
    "title": "Diễn tập thực chiến phòng, chống mã độc tống tiền",
    "kind": "Thực chiến",
    "place": "Trung tâm dữ liệu tỉnh",
    "starts": "08 giờ 00 ngày 16 tháng 7 năm 2026",
    "ends": "17 giờ 00 ngày 17 tháng 7 năm 2026",
    "unit": "Sở Khoa học và Công nghệ",
    "lead": "Lê Hoàng Nam",
}
PURPOSE = (
    "Kiểm tra khả năng phát hiện, cô lập và khôi phục khi mã độc tống tiền xâm nhập qua tài khoản"
    " quản trị từ xa."
)
UNITS = ["Sở Khoa học và Công nghệ", "Sở Y tế", "Công an tỉnh"]
OBJECTIVES = [
    {
        "name": "Phát hiện trong vòng 30 phút",
        "capability": "Giám sát",
        "rating": "Đạt",
        "remark": "Cảnh báo đầu tiên sau 12 phút.",
    },
    {
        "name": "Khôi phục dịch vụ trong vòng 4 giờ",
        "capability": "Khôi phục",
        "rating": "Đạt một phần",
        "remark": "Cơ sở dữ liệu mất 6 giờ 20 phút do thiếu bản sao lưu ngoại tuyến mới.",
    },
]
FIGURES = [
    {"label": "Thời gian phát hiện trung vị", "value": "12 phút"},
    {"label": "Tình huống đã xử lý", "value": "18/20"},
]
TIMELINE = [
    {"at": "08:00", "text": "Bắt đầu diễn tập"},
    {"at": "08:12", "text": "Trung tâm giám sát phát cảnh báo đầu tiên"},
    {"at": "09:05", "text": "Cô lập vùng mạng máy chủ ứng dụng"},
]
STRENGTHS = ["Trung tâm giám sát nhận diện đúng kỹ thuật tấn công ngay từ cảnh báo đầu tiên"]
IMPROVEMENTS = [
    {
        "title": "Bản sao lưu ngoại tuyến cũ 9 ngày",
        "severity": "Cao",
        "analysis": "Lịch sao lưu tuần bị bỏ qua khi thay thiết bị lưu trữ.",
        "recommendation": "Giám sát tự động kết quả sao lưu và báo người trực.",
    },
]
ACTIONS = [
    {
        "title": "Thiết lập cảnh báo khi sao lưu ngoại tuyến quá 24 giờ",
        "owner": "Trung tâm Chuyển đổi số",
        "due": date(2026, 9, 30),
        "status": "Đang thực hiện",
    },
]
LESSONS = ["Danh bạ liên lạc bản giấy phải có ở phòng trực"]
VERDICT = "Diễn tập đạt mục đích đề ra; các tồn tại được giao xử lý trước ngày 30 tháng 9 năm 2026."
RESULTS = [
    {
        "inject": "1. Thư đính kèm mã độc",
        "side": "Đội SOC",
        "detected": "12 phút",
        "contained": "57 phút",
        "verdict": "Đúng như mong đợi",
        "note": "Phối hợp tốt với đơn vị sử dụng thư",
    },
]
SIDES = [
    {
        "name": "Đội SOC",
        "mttd": "12 phút",
        "mttr": "57 phút",
        "detected": "3/3",
        "contained": "2/3",
        "met": "2/3",
    },
    {
        "name": "Đội quản trị hệ thống",
        "mttd": "21 phút",
        "mttr": "74 phút",
        "detected": "3/3",
        "contained": "3/3",
        "met": "1/3",
    },
]
VULNERABILITIES = [{"severity": "Cao", "count": 2, "open": 1}]
PARTICIPATION = {
    "edition": "APCERT 2026",
    "theme": "Ứng phó tấn công chuỗi cung ứng",
    "round": "Vòng quốc gia",
    "entered": "Người chơi vòng trong nước",
    "rank": "6/34",
    "scope": "Các tỉnh, thành phố",
    "score": "81 trên 100",
    "prize": "Giải ba",
    "source": "Thông báo kết quả của đơn vị tổ chức",
    "feedback": "Báo cáo đầy đủ, gửi đúng hạn",
}
RECEIVED = [
    {
        "number": "1",
        "summary": "Phân tích thư và tệp đính kèm",
        "received": "10:15",
        "answered": "10:47",
        "after": "32 phút",
        "who": "Nhóm phân tích mã độc",
        "answer": "Tệp tải thêm mã từ máy chủ điều khiển",
        "feedback": "Đúng, thiếu mã băm",
    },
]
HOT_WASH = [
    {
        "question": "Cuộc diễn tập sát thực tế đến mức nào?",
        "answer": "Trung bình 4,2 trên 5, 31 câu trả lời",
    },
]
