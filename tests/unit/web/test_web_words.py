"""Times, fields and codes are said in words."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from hub.catalogue import load_catalogue
from hub.web.words import Vocabulary, due, minute, unhyphenated, when

WORDS = Vocabulary(load_catalogue().types)


@pytest.mark.req("H-05", "H-24")
@pytest.mark.parametrize(
    ("occurred_at", "precision", "said"),
    [
        ("2025-09-10", "about-day", "about 10 September 2025"),
        ("2025-09-10", "day", "10 September 2025"),
        ("2025-02", "month", "during February 2025"),
        ("2025", "year", "during 2025"),
        ("2025-09-12T15:25:00+01:00", "exact", "12 September 2025, 15:25"),
        ("2025-11-14T15:00:00+00:00", "exact", "14 November 2025, 15:00"),
        ("2025-09-01", "before", "before 1 September 2025"),
        ("2025-09-01", "after", "after 1 September 2025"),
        ("2025-09-01", "unknown", "date not known"),
        ("2025-13-45", "day", "2025-13-45"),
    ],
)
def test_a_time_is_said_with_its_precision(occurred_at: str, precision: str, said: str) -> None:
    assert when(occurred_at, precision) == said


@pytest.mark.req("H-24")
def test_an_instant_is_said_in_london_time_on_both_sides_of_the_clock_change() -> None:
    assert minute(datetime(2025, 10, 26, 0, 30, tzinfo=UTC)) == "26 October 2025, 01:30"
    assert minute(datetime(2025, 10, 26, 1, 30, tzinfo=UTC)) == "26 October 2025, 01:30"
    assert minute(datetime(2025, 7, 1, 23, 30, tzinfo=UTC)) == "2 July 2025, 00:30"


@pytest.mark.req("R-006")
@pytest.mark.parametrize("name", sorted(load_catalogue().types))
def test_every_field_of_every_type_has_a_title_of_words(name: str) -> None:
    for path, title in load_catalogue().types[name].titles.items():
        assert title and "_" not in title and not title[0].islower() and title != path, path


@pytest.mark.req("R-020", "R-021")
def test_codes_are_said_by_their_lists_and_unknown_ones_as_posted() -> None:
    fields = dict(
        WORDS.fields("incident-recorded", {"place_kind": "other:treehouse", "claimed_mutual": False})
    )
    assert fields["Kind of place"].text == "other: treehouse"
    assert fields["Said to be mutual"].text == "no"
    assert unhyphenated("social-care.n-csc/sw-1") == "social-care.n-csc/sw-1"


@pytest.mark.req("H-12")
def test_purposes_are_those_of_the_roles() -> None:
    assert WORDS.purposes(frozenset()) == ()
    social_worker = {code for code, _ in WORDS.purposes(frozenset({"social-worker"}))}
    assert social_worker == {"assessment", "direct-care", "strategy-meeting"}
    assert {code for code, _ in WORDS.purposes(frozenset({"ig-officer"}))} == {
        "audit", "oversight", "subject-access",
    }  # fmt: skip


@pytest.mark.req("H-24")
def test_a_clock_of_hours_is_due_at_a_minute_and_a_clock_of_days_on_a_day() -> None:
    assert due(datetime(2025, 9, 15, 14, 40, tzinfo=UTC), date(2025, 9, 15)) == "15 September 2025, 15:40"
    assert due(datetime(2026, 1, 7, 0, 0, tzinfo=UTC), date(2026, 1, 6)) == "6 January 2026"
    assert due(datetime(2026, 4, 6, 23, 0, tzinfo=UTC), date(2026, 4, 6)) == "6 April 2026"
    assert due(None, date(2026, 1, 6)) == "6 January 2026"


@pytest.mark.req("R-187")
def test_an_organisation_in_a_field_is_called_by_its_title() -> None:
    words = Vocabulary(load_catalogue().types, lambda: {"education.elm-school": "Elm School"})
    fields = dict(words.fields("child-stream-opened", {"schools": ["education.elm-school", "education.x"]}))
    assert [one.text for one in fields["Schools"].items] == ["Elm School", "education.x"]


@pytest.mark.req("D-11")
def test_the_code_of_a_coded_line_is_not_said_twice() -> None:
    assert WORDS.fields("safety-line", {"code": "supervision"}, "supervision") == ()
    assert len(WORDS.fields("safety-line", {"code": "supervision"})) == 1


@pytest.mark.req("R-014")
def test_a_sentence_names_organisations_by_title_and_dates_in_words() -> None:
    vocabulary = Vocabulary({}, lambda: {"education.oak-school": "Oak School"})
    said = vocabulary.titled(
        "education.oak-school: abusive (2025-09-10). Ask education.oak-school/dsl-1, police.x-y."
    )
    assert said == "Oak School: abusive (10 September 2025). Ask education.oak-school/dsl-1, police.x-y."


@pytest.mark.req("R-187", "R-020")
def test_a_scale_in_a_sentence_is_called_by_its_title() -> None:
    said = WORDS.titled("N Police: abusive (hackett-5). Hackett-5 is not it, nor x-hackett-5.")
    assert said == "N Police: abusive (Hackett continuum, five levels). Hackett-5 is not it, nor x-hackett-5."


@pytest.mark.req("R-187", "R-020")
def test_a_coded_value_keeps_its_code_beside_its_words() -> None:
    fields = dict(WORDS.fields("behaviour-level-assessed", {"scale": "hackett-5", "narrative": "as it was"}))
    assert (fields["Scale"].text, fields["Scale"].code) == ("Hackett continuum, five levels", "hackett-5")
    assert [one.code for name, one in fields.items() if name != "Scale"] == [None]


@pytest.mark.req("R-187", "D-03")
def test_another_child_of_an_entry_is_no_unknown_code_and_its_name_stays_as_it_is() -> None:
    assert unhyphenated("other:1") == "other child 1 of this entry"
    assert unhyphenated("other:12 steps") == "other: 12 steps"
    others = dict(WORDS.fields("incident-recorded", {"others": [{"index": 1, "token": "other-5uglls47"}]}))
    members = dict(next(iter(others.values())).items[0].members)
    assert members["Known to you as"].text == "other-5uglls47"
    assert members["Number in this entry"].text == "1"


@pytest.mark.req("H-12")
def test_a_purpose_outside_the_list_begins_as_the_others_do() -> None:
    assert WORDS.purpose("emergency") == "Emergency"
    assert WORDS.purpose("direct-care") == "To work with the child"
