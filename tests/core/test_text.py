import pytest
from hypothesis import given
from hypothesis import strategies as st

from drills.core.text import fold, normal, sort_key


@pytest.mark.parametrize(
    ("text", "folded"),
    [("Đắk Lắk", "dak lak"), ("đơn vị", "don vi"), ("  HOÀ   Bình ", "hoa binh"), ("", "")],
)
def test_folding_drops_marks_and_the_stroke_of_d(text, folded):
    assert fold(text) == folded


def test_both_ways_to_place_a_tone_fold_alike():
    assert fold("hoà thuỷ") == fold("hòa thủy")


def test_sorting_follows_the_dictionary():
    words = ["ban", "bàn", "bản", "bãn", "bán", "bạn", "da", "Dak", "đa", "Đà", "Hạ", "Hà"]
    expected = ["ban", "bàn", "bản", "bãn", "bán", "bạn", "da", "Dak", "đa", "Đà", "Hà", "Hạ"]
    assert sorted(words, key=sort_key) == expected


@given(st.text())
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_stored_text_has_no_control_characters_and_is_stable(text):
    stored = normal(text)
    assert normal(stored) == stored
    assert not any(ord(c) < 32 and c not in "\t\n\r" for c in stored)
