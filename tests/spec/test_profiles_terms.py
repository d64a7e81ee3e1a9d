"""The words of a post: avoided terms are met with a warning, unless quoted; nothing is ever rewritten."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.pathway.profiles import PROFILES, TERMS_AVOIDED, read
from hub.pathway.terms import QUOTED, found_in, texts_of
from hub.views.stored import read_post
from tests.spec.test_profiles_of_partnerships import WRITTEN
from tests.unit.intake.world import C1001_NHS, C2001_NHS, ELM, N_CSC, OAK, POLICE, S_CSC, world_in

ASHBY = read(WRITTEN).profile


def found(*texts, avoided=TERMS_AVOIDED):
    return found_in(texts, avoided)


def terms(*texts, avoided=TERMS_AVOIDED):
    return [one.term for one in found(*texts, avoided=avoided).terms]


SAID = [
    ("He is a young sex offender.", ["young sex offender"]),
    ("A YOUNG   SEX\nOFFENDER was named", ["young sex offender"]),
    ("young sex-offenders", ["young sex offender"]),
    ("known sex offenders in the area", ["sex offender"]),
    ("the perpetrator, and an abuser", ["perpetrator", "abuser"]),
    ("young abuser", ["young abuser"]),
    ("Predators!", ["predator"]),
    ("perpetrator's", ["perpetrator"]),
    ("abused, abusive, predatory, perpetrate", []),
    ("disabuser", []),
    ("", []),
    ("a child who has harmed", []),
]


@pytest.mark.req("R-007")
@pytest.mark.parametrize(("text", "expected"), SAID, ids=[row[0][:30] or "nothing" for row in SAID])
def test_r007_which_terms_are_found(text, expected):
    assert terms(text) == expected


QUOTES = [
    ("{{quote:court-record}}young sex offender{{/quote}}", [], False, False),
    ("{{quote:childs-words}}he is a predator{{/quote}}", [], False, False),
    ("{{quote:document}}the abuser{{/quote}} and so on", [], False, False),
    ("{{quote:document}}abuser{{/quote}} the abuser", ["abuser"], False, False),
    ("abuser {{quote:document}}x{{/quote}}", ["abuser"], False, False),
    ("{{quote:gossip}}abuser{{/quote}}", ["abuser"], True, False),
    ("{{quote:}}abuser{{/quote}}", ["abuser"], True, False),
    ("{{quote: document}}abuser{{/quote}}", ["abuser"], True, False),
    ("{{quote:document}}abuser", ["abuser"], False, True),
    ("abuser{{/quote}}", ["abuser"], False, True),
    ("{{quote:document}}abuser{{quote:document}}predator{{/quote}}", ["abuser"], False, True),
    ("{{quote:document}}a{{/quote}}{{quote:court-record}}predator{{/quote}}", [], False, False),
    ("{{other:1}} is no abuser", ["abuser"], False, False),
]


@pytest.mark.req("R-007")
@pytest.mark.parametrize(
    ("text", "expected", "unknown", "unpaired"), QUOTES, ids=[row[0].replace("/", "|") for row in QUOTES]
)
def test_r007_only_a_quotation_that_says_what_it_quotes_hides_a_term(text, expected, unknown, unpaired):
    answer = found(text)
    assert [one.term for one in answer.terms] == expected
    assert (answer.unknown_kind, answer.unpaired) == (unknown, unpaired)


@pytest.mark.req("R-007")
def test_r007_a_quotation_does_not_reach_into_another_text():
    answer = found("{{quote:document}}so it began", "the abuser", "and ended{{/quote}}")
    assert [one.term for one in answer.terms] == ["abuser"]
    assert answer.unpaired


@given(st.text(), st.sampled_from(QUOTED), st.text(alphabet="abc {}/:quote", max_size=40))
def test_r007_any_text_is_looked_at_without_a_fault(before, kind, inside):
    answer = found(before + "{{quote:" + kind + "}}" + inside)
    assert answer.unpaired
    assert {one.term for one in answer.terms} <= {one.term for one in TERMS_AVOIDED}


@given(st.text(st.characters(exclude_characters="{}"), max_size=50))
def test_r007_a_term_is_found_after_any_text(before):
    assert "perpetrator" in terms(before + " perpetrator")


def test_identifiers_of_people_and_events_are_no_text():
    data = {
        "author": "police.predator/abuser",
        "manager": "social-care.abuser/tm-1",
        "others": [{"ref": "local:police.predator:1", "role": "has-harmed"}],
        "narrative": "one",
        "parts": {"needs": "two", "more": [{"text": "three"}, "four"]},
        "count": 5,
    }
    assert list(texts_of(data)) == ["one", "two", "three", "four"]


@pytest.fixture
def world(tmp_path):
    with world_in(tmp_path) as made:
        yield made


def posted(world, organisation, narrative, subject=C1001_NHS):
    event = world.event(
        organisation, "incident-recorded", subject, "2025-09-12T10:00:00+01:00",
        {"role": "has-harmed", "status": "alleged", "narrative": narrative},
    )  # fmt: skip
    answer = world.send(event)
    assert answer.status == 201
    return [one for one in answer.claims["warnings"] if one["rule"].startswith("TERM-")]


@pytest.mark.req("R-007")
@pytest.mark.parametrize(
    ("organisation", "instead"),
    [
        (N_CSC, "Child who has Sexually Harmed"),
        (ELM, "Child who has Sexually Harmed"),
        (S_CSC, "child or young person who displays harmful sexual behaviour"),
        (OAK, "child or young person who displays harmful sexual behaviour"),
        (POLICE, "Child who has Sexually Harmed"),
    ],
)
def test_r007_the_post_is_kept_and_its_poster_told_the_local_term(world, organisation, instead):
    assert posted(world, organisation, "A young sex offender.") == [
        {
            "rule": "TERM-01",
            "text": f'"young sex offender" is not said of a child here: write "{instead}". Where you quote, '
            "mark it as a quotation: {{quote:court-record}}...{{/quote}}.",
            "source": "R-007",
        }
    ]


@pytest.mark.req("R-007")
def test_r007_without_a_local_procedure_the_hubs_own_term_is_told(world):
    # A foster home that is in nobody's area and has adopted nothing.
    world.directory.add_organisation("other.home-f1", "A foster home")
    words = world.intake._admission._wording
    told = words.warnings({"narrative": "an abuser"}, "other.home-f1", world.directory.refresh())
    assert [one.text.count("child who has harmed") for one in told] == [1]


@pytest.mark.req("R-007")
def test_r007_quoted_there_is_no_warning_and_the_text_stays_as_it_was_signed(world):
    text = "In court: {{quote:court-record}}young sex offender{{/quote}}."
    assert posted(world, ELM, text) == []
    event = world.event(
        ELM, "incident-recorded", C2001_NHS, "2025-09-12T10:00:00+01:00",
        {"role": "has-harmed", "status": "alleged", "narrative": "the abuser"},
    )  # fmt: skip
    world.send(event)
    item = world.record.find(event["source"], event["id"])
    assert b'"the abuser"' in read_post(item.body).veiled()


@pytest.mark.req("R-007")
def test_r007_wrong_quotations_are_told_and_nothing_of_the_text_is(world):
    told = posted(world, ELM, "{{quote:gossip-canary}}abuser{{/quote}} {{quote:document}}canary")
    assert [one["rule"] for one in told] == ["TERM-01", "TERM-02", "TERM-03"]
    assert "canary" not in str(told)


@pytest.mark.req("R-007")
def test_r007_a_profile_adds_terms_of_its_own():
    assert terms("naughty boys and predators", avoided=ASHBY.terms_avoided) == ["predator", "naughty boy"]
    assert terms("naughty boys") == []
    own = next(one for one in ASHBY.terms_avoided if one.term == "naughty boy")
    assert own.use_instead == "the child's name"


@pytest.mark.req("R-197")
@pytest.mark.parametrize(
    ("organisation", "stamp"), [(N_CSC, "darlington-2025/1"), (S_CSC, "llr-2024/1"), (ELM, "")]
)
def test_r197_an_event_keeps_the_procedure_its_organisation_had_adopted(world, organisation, stamp):
    event = world.post(
        organisation,
        "incident-recorded",
        C1001_NHS,
        "2025-09-12T10:00:00+01:00",
        role="has-harmed",
        status="alleged",
    )
    world.directory.adopt_profile(organisation, "llr-2024")
    assert read_post(world.record.find(event["source"], event["id"]).body).profile == stamp
    later = world.post(
        organisation,
        "incident-recorded",
        C1001_NHS,
        "2025-09-13T10:00:00+01:00",
        role="has-harmed",
        status="alleged",
    )
    kept = read_post(world.record.find(later["source"], later["id"]).body)
    assert kept.profile == PROFILES["llr-2024"].stamp
