"""Where each of the 34 provinces stands on a grid of equal tiles; no drawing here, so that a web page can use it."""

from __future__ import annotations

# row and column, north up: neighbours touch where they can; names as in the register
TILES: dict[str, tuple[int, int, str]] = {
    "12": (0, 0, "Lai Châu"),
    "15": (0, 1, "Lào Cai"),
    "08": (0, 2, "Tuyên Quang"),
    "04": (0, 3, "Cao Bằng"),
    "11": (1, 0, "Điện Biên"),
    "14": (1, 1, "Sơn La"),
    "25": (1, 2, "Phú Thọ"),
    "19": (1, 3, "Thái Nguyên"),
    "20": (1, 4, "Lạng Sơn"),
    "01": (2, 2, "Hà Nội"),
    "24": (2, 3, "Bắc Ninh"),
    "22": (2, 4, "Quảng Ninh"),
    "38": (3, 1, "Thanh Hóa"),
    "37": (3, 2, "Ninh Bình"),
    "33": (3, 3, "Hưng Yên"),
    "31": (3, 4, "Hải Phòng"),
    "40": (4, 1, "Nghệ An"),
    "42": (4, 2, "Hà Tĩnh"),
    "44": (5, 2, "Quảng Trị"),
    "46": (5, 3, "Huế"),
    "48": (6, 3, "Đà Nẵng"),
    "51": (7, 3, "Quảng Ngãi"),
    "52": (8, 3, "Gia Lai"),
    "66": (9, 3, "Đắk Lắk"),
    "80": (10, 1, "Tây Ninh"),
    "75": (10, 2, "Đồng Nai"),
    "68": (10, 3, "Lâm Đồng"),
    "56": (10, 4, "Khánh Hòa"),
    "91": (11, 0, "An Giang"),
    "82": (11, 1, "Đồng Tháp"),
    "79": (11, 2, "Hồ Chí Minh"),
    "92": (12, 0, "Cần Thơ"),
    "86": (12, 1, "Vĩnh Long"),
    "96": (13, 0, "Cà Mau"),
}
ROWS, COLUMNS = 14, 5
