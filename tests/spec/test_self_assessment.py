"""The self-assessment against the framework: statements, scores, spread, star, actions, the next audit."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from hub.errors import HubError
from hub.pathway.reports import (
    NOTHING_IMPORTED,
    Action,
    Score,
    load_framework,
    read_framework,
    self_assessment,
)
from hub.web.star import star
from tests.spec.posts import ELM, OAK, POLICE, S, at, key

WRITTEN = """
title = "A local framework"
[domain.interventions]
summary = "What we know of our interventions."
evidence = [{title = "A local review", url = "https://example.org/review", checked = 2025-09-01}]
principles = ["Work starts early."]
statements = [{id = "in-1", text = "Work is offered."}, {id = "in-2", text = "Work is reviewed."}]
[domain.workforce-development]
statements = [{id = "wd-1", text = "People are trained."}]
"""
FRAMEWORK = read_framework(WRITTEN)
DOMAINS = (
    "continuum-of-responses", "prevention-and-identification", "assessment-and-referral", "interventions",
    "workforce-development",
)  # fmt: skip
NOW = at("2025-11-20 12:00")
NUMBERS = iter(range(10_000))


def score(
    by, statement, given, *, cycle="2025", domain="interventions", joint=False, on="2025-03-01", why=None
):
    day = date.fromisoformat(on)
    return Score(
        key(f"s{next(NUMBERS)}"), by, cycle, domain, statement, given, why, joint, day,
        datetime.combine(day, datetime.min.time(), NOW.tzinfo),
    )  # fmt: skip


def assessed(*scores, actions=(), framework=FRAMEWORK, now=NOW):
    return self_assessment(framework, scores, actions, now=now)


def of(found, domain="interventions", cycle=0):
    (one,) = [row for row in found.cycles[cycle].domains if row.domain.id == domain]
    return one


def whole(cycle="2025", given=(3, 3, 3, 3, 3), on="2025-03-01"):
    """A joint answer in every domain."""
    return [
        score(S, f"st-{domain}", one, cycle=cycle, domain=domain, joint=True, on=on)
        for domain, one in zip(DOMAINS, given, strict=True)
    ]


@pytest.mark.req("R-189", "R-193")
def test_the_statements_are_the_local_areas_own_and_a_domain_has_three_parts():
    assert tuple(one.id for one in FRAMEWORK.domains) == DOMAINS
    domain = FRAMEWORK.domain("interventions")
    assert [one.id for one in domain.statements] == ["in-1", "in-2"]
    assert domain.summary and domain.principles == ("Work starts early.",)
    assert [(one.url, one.checked) for one in domain.evidence] == [
        ("https://example.org/review", date(2025, 9, 1))
    ]
    assert [one.id for one in NOTHING_IMPORTED.domains] == list(DOMAINS)
    assert not any(one.statements for one in NOTHING_IMPORTED.domains)


@pytest.mark.req("R-189")
@pytest.mark.parametrize(
    "written",
    [
        "",
        "title = 3",
        'title = "x"\n[domain.unheard-of]\nsummary = "x"',
        'title = "x"\nscores = 5',
        'title = "x"\n[domain.interventions]\nstatements = [{id = "a b", text = "x"}]',
        'title = "x"\n[domain.interventions]\nstatements = [{id = "a", text = "x"}, {id = "a", text = "y"}]',
        'title = "x"\n[domain.interventions]\n'
        'evidence = [{title = "x", url = "javascript:x", checked = 2025-09-01}]',
        "not toml at all",
    ],
    ids=["nothing", "no title", "a sixth domain", "more", "an id", "twice", "what would run", "no toml"],
)  # fmt: skip
def test_a_file_that_is_no_framework_is_refused_without_saying_what_stands_in_it(written):
    with pytest.raises(HubError) as refused:
        read_framework(written)
    assert refused.value.slug == "schema" and "javascript" not in (refused.value.detail or "")


@pytest.mark.req("R-189")
def test_the_file_is_read_as_it_stands_and_one_that_cannot_be_read_is_refused(tmp_path):
    path = tmp_path / "framework.toml"
    path.write_text(WRITTEN, encoding="utf-8")
    assert load_framework(path) == FRAMEWORK and load_framework(None) == NOTHING_IMPORTED
    path.write_bytes(b"title = '\xff'")
    for wrong in (path, tmp_path / "missing.toml"):
        with pytest.raises(HubError):
            load_framework(wrong)


@pytest.mark.req("R-187", "R-189")
def test_each_agencys_scores_stand_beside_the_joint_ones_which_have_reasons():
    four = [score(by, "in-1", given) for by, given in ((ELM, 1), (OAK, 4), (POLICE, 0), (S, 2))]
    found = assessed(*four, score(S, "in-1", 3, joint=True, why="We saw the reviews."))
    (first, second) = of(found).statements
    assert dict(first.scores) == {ELM: 1, OAK: 4, POLICE: 0, S: 2}
    assert (first.joint, first.reasons, first.spread) == (3, "We saw the reviews.", 4)
    assert dict(second.scores) == dict.fromkeys((ELM, OAK, POLICE, S))
    assert (second.joint, second.spread) == (None, None)
    assert of(found).spread == 4


@pytest.mark.req("R-189", "R-190")
def test_not_answered_is_not_nought():
    found = of(assessed(score(ELM, "in-1", 4), score(OAK, "in-1", 4), score(OAK, "in-2", 0)))
    means = dict(found.means)
    assert (means[ELM].mean, means[ELM].answered, means[ELM].asked) == (4.0, 1, 2)
    assert (means[OAK].mean, means[OAK].answered) == (2.0, 2)
    assert (found.joint.mean, found.joint.answered) == (None, 0)
    taken_back = of(assessed(score(ELM, "in-1", 4), score(ELM, "in-1", None, on="2025-03-02")))
    assert dict(taken_back.means)[ELM].mean is None


@pytest.mark.req("R-189")
def test_the_last_score_of_a_statement_counts_whatever_the_order_in_which_they_came():
    early, late = score(ELM, "in-1", 1), score(ELM, "in-1", 3, on="2025-03-09")
    for scores in ((early, late), (late, early)):
        assert dict(of(assessed(*scores)).means)[ELM].mean == 3.0


@pytest.mark.req("R-188")
@pytest.mark.parametrize("without", [None, *DOMAINS])
def test_an_audit_of_four_domains_is_incomplete(without):
    joint = [one for one in whole() if one.domain != without]
    found = assessed(*joint, framework=NOTHING_IMPORTED).cycles[0]
    assert found.complete is (without is None)
    assert found.missing == ((without,) if without else ())


@pytest.mark.req("R-188", "R-189")
def test_an_imported_statement_without_a_joint_answer_leaves_it_incomplete():
    found = assessed(*whole()).cycles[0]
    assert (found.complete, found.missing) == (False, ())
    rest = [score(S, one, 2, joint=True) for one in ("in-1", "in-2")]
    rest.append(score(S, "wd-1", 2, joint=True, domain="workforce-development"))
    assert assessed(*whole(), *rest).cycles[0].complete


@pytest.mark.req("R-192")
def test_the_two_lowest_domains_stand_out_and_one_without_an_action_is_prompted():
    agreed = Action(key("a"), S, "2025", "interventions", "To offer work.", f"{S}/tm-1", date(2026, 1, 1))
    elsewhere = Action(key("b"), S, "2024", "workforce-development", None, None, None)
    found = assessed(*whole(given=(4, 3, 3, 1, 2)), actions=[agreed, elsewhere], framework=NOTHING_IMPORTED)
    rows = {one.domain.id: one for one in found.cycles[0].domains}
    assert {id for id, one in rows.items() if one.weakest} == {"interventions", "workforce-development"}
    assert {id for id, one in rows.items() if one.prompt} == {"workforce-development"}
    assert rows["interventions"].actions == (agreed,)
    tied = assessed(*whole(given=(4, 2, 2, 1, 3)), framework=NOTHING_IMPORTED).cycles[0]
    assert sum(one.weakest for one in tied.domains) == 3


@pytest.mark.req("R-190", "R-188")
def test_two_cycles_are_two_outlines_over_the_axes_in_their_order():
    found = assessed(
        *whole("2024", (1, 1, 1, 1, 1), "2024-03-01"),
        *whole("2025", (4, 2, 2, 2, 0)),
        framework=NOTHING_IMPORTED,
    )
    assert [one.cycle for one in found.star] == ["2025", "2024"]
    assert [axis.mean for axis in found.star[0].axes] == [4.0, 2.0, 2.0, 2.0, 0.0]
    assert [axis.answered for axis in found.star[0].axes] == [1] * 5
    drawn = star(found.star)
    now, before = drawn.outlines
    assert now.closed and before.closed and len(drawn.rings) == 4
    # The first axis points straight up, its highest score is its end, and nought is the centre.
    assert now.dots[0] == (drawn.axes[0].x, drawn.axes[0].y) == (200.0, 50.0)
    assert now.dots[4] == (200.0, 200.0)


@pytest.mark.req("R-190", "R-189")
def test_an_axis_without_an_answer_has_no_point_and_is_not_drawn_as_nought():
    four = [one for one in whole() if one.domain != "interventions"]
    (drawn,) = star(assessed(*four, framework=NOTHING_IMPORTED).star).outlines
    assert (len(drawn.dots), drawn.closed) == (4, False)
    assert star(()) is None


@pytest.mark.req("R-191", "K-22")
@pytest.mark.parametrize(
    ("now", "state"),
    [("2025-08-31 12:00", "running"), ("2025-09-01 00:00", "warning"), ("2026-03-01 12:00", "warning"),
     ("2026-03-02 00:00", "missed")],
)  # fmt: skip
def test_the_next_audit_is_held_from_six_months_on_and_due_after_twelve(now, state):
    (clock,) = assessed(*whole(), now=at(now)).deadlines
    assert (clock.clock, clock.state, clock.due_on) == ("K-22", state, date(2026, 3, 1))
    assert assessed(score(ELM, "in-1", 4), now=at(now)).deadlines == ()


@pytest.mark.req("R-191", "R-189")
def test_a_joint_statement_that_was_not_answered_is_no_audit():
    assert assessed(score(S, "in-1", None, joint=True)).deadlines == ()
