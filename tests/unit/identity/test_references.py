"""Check digits of national numbers, and the hub's own ids."""

import pytest

from hub.identity import check_digit_fits, named_child


@pytest.mark.req("H-05")
@pytest.mark.parametrize(
    ("reference", "fits"),
    [
        ("nhs:9990010013", True),
        ("nhs:9990010014", False),
        ("nhs:9434765919", True),  # the published example of the number's own description
        ("nhs:9434765918", False),
        ("upn:H801200001001", True),
        ("upn:A801200001001", False),
        ("local:education.elm-school:t-1", True),
        ("child:00000000-0000-4000-8000-000000000001", True),
    ],
)
def test_check_digit(reference, fits):
    assert check_digit_fits(reference) is fits


@pytest.mark.req("H-05")
def test_exactly_one_check_digit_fits_and_a_transposed_pair_never_does():
    letters = "ABCDEFGHJKLMNPQRTUVWXYZ"
    for digits in ("838120000100", "801200001001", "94120000100B"):
        assert sum(check_digit_fits(f"upn:{one}{digits}") for one in letters + "IOS") == 1
    assert sum(check_digit_fits(f"nhs:999001001{digit}") for digit in "0123456789") == 1
    assert not check_digit_fits("nhs:9909010013")


@pytest.mark.req("H-05")
def test_a_remainder_of_ten_has_no_number():
    without = [
        n for n in range(100) if not any(check_digit_fits(f"nhs:9990010{n:02}{d}") for d in "0123456789")
    ]
    assert 5 <= len(without) <= 13  # about one in eleven


@pytest.mark.req("H-05")
def test_named_child():
    assert named_child("child:00000000-0000-4000-8000-000000000001") == "00000000-0000-4000-8000-000000000001"
    assert named_child("nhs:9990010013") is None
