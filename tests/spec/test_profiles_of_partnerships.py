"""A partnership's own profile: a file, read strictly, compared with a shipped one, found in a folder."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hub.cli.commands import app
from hub.errors import HubError
from hub.pathway.profiles import PROFILES, contact_at, differences, load_profiles, nearest, read, scales_of
from hub.pathway.profiles.shipped import shipped_text

ASHBY = Path(__file__).parents[1] / "support" / "profiles" / "ashby-2026.toml"
WRITTEN = ASHBY.read_text("utf-8")


def with_row(old: str, new: str) -> str:
    assert WRITTEN.count(old) == 1, old
    return WRITTEN.replace(old, new)


def faults(written: str) -> dict[str, tuple[str, str]]:
    found = read(written)
    assert (found.profile is None) == bool(found.faults)
    return {one.row: (one.says, one.allowed) for one in found.faults}


@pytest.mark.req("R-197")
def test_a_third_profile_is_a_file_and_nothing_else():
    found = read(WRITTEN)
    assert found.faults == ()
    profile = found.profile
    assert profile is not None
    assert profile.stamp == "ashby-2026/1"
    assert profile.strategy_clock is not None and profile.strategy_clock.hours == 24
    assert profile.review.first_months == (1, 4)
    saturday = contact_at(profile, datetime(2026, 1, 3, 10, tzinfo=UTC))
    assert saturday is not None and saturday.id == "front-door"


WRONG = [
    ("strategy_clock.hours", 'hours = 24', 'hours = "24"', "a whole number from 1 to 2000"),
    ("strategy_clock.hours", 'hours = 24', 'hours = 0', "a whole number from 1 to 2000"),
    ("strategy_clock.hours", 'hours = 24', 'hours = true', "a whole number from 1 to 2000"),
    ("strategy_clock.warn_hours", 'warn_hours = 12', 'warn_hours = 24', "fewer hours than `hours`"),
    ("level_scale.value", 'value = "ashby-3"', 'value = "ashby-4"', "ashby-3, darlington-4, hackett-5"),
    ("scale[1].id", 'id = "ashby-3"', 'id = "hackett-5"', "an id of your own"),
    ("scale[1].levels", '{ code = "worrying"', '{ code = "expected"', "2 to 9 levels"),
    ("scale[1].levels[1].code", 'code = "expected"', 'code = "Expected, at this age"', "small letters"),
    ("scale[1].normal", 'normal = "expected"', 'normal = "worrying"', "expected"),
    ("scale[1].concern_from", 'concern_from = "worrying"', 'concern_from = "expected"', "harmful, worrying"),
    ("scale[1].serious_from", 'serious_from = "harmful"', 'serious_from = "dire"',
     "expected, harmful, worrying"),
    ("scale[1].serious_from", 'serious_from = "harmful"', 'serious_from = "expected"', "one above it"),
    ("scale[1].recorded_by", 'recorded_by = ["social-care"', 'recorded_by = ["council"', "social-care"),
    ("oversight.safeguarding_unit_from", 'safeguarding_unit_from = "worrying"',
     'safeguarding_unit_from = "abusive"', "expected, harmful, worrying"),
    ("indicators.of[1].level", 'level = "worrying"', 'level = "problematic"', "expected, harmful, worrying"),
    ("different_social_worker.value", '[different_social_worker]\nvalue = "always"',
     '[different_social_worker]\nvalue = "mostly"',
     "always, both-meetings-or-more-than-two, not-stated"),
    ("closure.factors", 'factors = ["risk", "outcomes"]', 'factors = ["risk", "luck"]',
     "carers_capacity, ongoing_support, outcomes, risk"),
    ("closure.signatures", 'signatures = 3', 'signatures = 0', "a whole number from 1 to 9"),
    ("review.first_months", 'first_months = [1, 4]', 'first_months = [4, 1]',
     "months from the start of the plan, e.g. 3, 6"),
    ("consent.referral_under", 'referral_under = 13', 'referral_under = 12', "13"),
    ("strategyclock", '[strategy_clock]', '[strategyclock]', "agreement"),
    ("id", 'id = "ashby-2026"', 'id = "Ashby"', "small letters, digits and hyphens"),
    ("version", 'version = "1"', 'version = 1', "a text"),
    ("title", 'title = "Ashby (invented): children and harm"', 'title = ""', "1 to 400 characters"),
    ("include", 'include = []', 'include = ["statutory-wales"]', "statutory-england"),
    ("contact[1].hours[1].closes", 'closes = 15:00:00', 'closes = 09:00:00', "a later time"),
    ("contact[2].kind", 'kind = "out-of-hours"', 'kind = "nights"', "any-time, office, out-of-hours"),
    ("invitation[1].force", 'force = "always"', 'force = "must"', "always, consider, invited"),
    ("invitation[1].meetings", 'meetings = ["strategy", "hsb"]', 'meetings = ["party"]', "core-group"),
    ("checklist[1].items", 'code = "second"', 'code = "first"', 'items = [{ code'),
    ("reference[1].checked", 'checked = 2026-01-05', 'checked = "2026-01-05"', "a day without quotation"),
    ("avoided_term[1].term", 'term = "naughty boy"', 'term = "x y z (regex.*)"', "one to six words"),
    ("settings.frequency_minimun", '[settings.frequency_minimum]', '[settings.frequency_minimun]',
     "frequency_minimum"),
    ("agreement[1].type", 'type = "no-further-action-decided"', 'type = "incident-recorded"',
     "no-further-action-decided"),
]  # fmt: skip


@pytest.mark.req("R-197")
@pytest.mark.parametrize(("row", "old", "new", "allowed"), WRONG, ids=[f"{r[0]}: {r[2]}" for r in WRONG])
def test_a_wrong_row_is_named_with_what_is_allowed_there(row, old, new, allowed):
    found = faults(with_row(old, new))
    assert row in found, found
    assert allowed in found[row][1]


def test_all_faults_are_found_at_once():
    written = with_row("signatures = 3", 'signatures = "three"')
    written = written.replace("hours = 24", "hours = -1").replace('force = "always"', 'force = "must"')
    assert {"closure.signatures", "strategy_clock.hours", "invitation[1].force"} <= set(faults(written))


@pytest.mark.parametrize("name", [name for name in re.findall(r"^\[([a-z_]+)\]$", WRITTEN, re.MULTILINE)])
def test_a_row_that_is_left_out_is_one_fault_or_may_be_left_out(name):
    start = WRITTEN.index(f"[{name}]")
    rest = WRITTEN[start + 1 :]
    end = re.search(rf"^\[(?!{name}\.)", rest, re.MULTILINE)
    without = WRITTEN[:start] + (rest[end.start() :] if end else "")
    found = faults(without)
    optional = {"strategy_clock"}
    assert (found == {}) if name in optional else (list(found) == [name]), found


@pytest.mark.parametrize("written", ["", "id = ", "[" * 5_000, "\x00", "id = 1\nid = 2", "x" * 300_000])
def test_what_is_no_profile_is_faults_and_no_crash(written):
    assert faults(written)


@pytest.mark.parametrize("name", PROFILES)
def test_the_shipped_files_stand_in_the_same_reading(name):
    assert read(shipped_text(name)).profile == PROFILES[name]


def test_the_difference_names_every_row_once_and_both_values():
    profile = read(WRITTEN).profile
    told = {one.row: (one.here, one.there) for one in differences(profile, PROFILES["llr-2024"])}
    assert told["review.first_months"] == ("1, 4", "3, 6")
    assert told["strategy_clock.hours"] == ("24", None)
    assert told["checklists.CL-L-HSB.title"][0] is None
    assert told["level_scale.value"] == ("ashby-3", "hackett-5")
    assert told["scales[ashby-3].concern_from"] == ("worrying", None)
    assert told["scales[ashby-3].levels[harmful].text"] == ("Harmful", None)
    assert differences(profile, profile) == ()


def test_the_nearest_profile_is_the_one_with_the_fewest_differences():
    llr = read(shipped_text("llr-2024").replace('"llr-2024"', '"other-2026"')).profile
    darlington = read(shipped_text("darlington-2025").replace('"darlington-2025"', '"other-2026"')).profile
    assert nearest(llr, PROFILES.values()).id == "llr-2024"
    assert nearest(darlington, PROFILES.values()).id == "darlington-2025"


def test_statutory_rows_are_included_unless_a_profile_says_otherwise():
    assert PROFILES["llr-2024"].include == ("statutory-england",)
    silent = read(with_row("include = []\n", "")).profile
    assert [one.id for one in silent.statutory][:2] == ["KX-01", "KX-02"]
    switched_off = read(WRITTEN).profile
    assert switched_off.statutory == ()
    assert not [one for one in switched_off.settings if one.startswith("statutory_")]


@pytest.mark.req("R-197")
def test_a_folder_adds_to_the_shipped_profiles(tmp_path):
    assert load_profiles(None) is PROFILES
    (tmp_path / "ashby-2026.toml").write_text(WRITTEN)
    (tmp_path / "notes.txt").write_text("not a profile")
    assert sorted(load_profiles(tmp_path)) == ["ashby-2026", "darlington-2025", "llr-2024"]


@pytest.mark.parametrize(
    ("name", "written", "says"),
    [
        ("other-2026.toml", WRITTEN, "its id is not the file's name"),
        ("ashby-2026.toml", "id = 1", "hub profile check"),
        ("llr-2024.toml", shipped_text("llr-2024"), "comes with the hub"),
    ],
)
def test_a_folder_with_what_is_no_profile_is_refused(tmp_path, name, written, says):
    (tmp_path / name).write_text(written)
    with pytest.raises(HubError) as refused:
        load_profiles(tmp_path)
    assert says in refused.value.detail


@pytest.mark.req("R-021", "Q-09")
def test_one_id_of_a_scale_never_means_two_scales(tmp_path):
    (tmp_path / "ashby-2026.toml").write_text(WRITTEN)
    other = WRITTEN.replace('"ashby-2026"', '"zeta-2030"')
    (tmp_path / "zeta-2030.toml").write_text(other)
    assert set(scales_of(load_profiles(tmp_path).values())) == {"ashby-3", "darlington-4", "hackett-5"}
    (tmp_path / "zeta-2030.toml").write_text(
        other.replace('concern_from = "worrying"', 'concern_from = "harmful"')
    )
    with pytest.raises(HubError) as refused:
        load_profiles(tmp_path)
    assert "zeta-2030.toml has the id of a level scale" in refused.value.detail


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(HubError) as refused:
        load_profiles(tmp_path / "gone")
    assert "cannot be read" in refused.value.detail


def hub(*words: str):
    return CliRunner().invoke(app, ["profile", *words])


def test_the_command_checks_and_shows_the_difference():
    answer = hub("check", str(ASHBY), "--against", "llr-2024")
    assert answer.exit_code == 0
    assert "ashby-2026 (version 1) stands." in answer.output
    assert "review.first_months: 1, 4  |  llr-2024: 3, 6" in answer.output
    found = json.loads(hub("check", str(ASHBY), "--against", "llr-2024", "--json").output)
    assert (found["stands"], found["against"]) == (True, "llr-2024")
    assert {"row": "review.first_months", "here": "1, 4", "there": "3, 6"} in found["differences"]


def test_the_command_names_every_fault_and_ends_with_1(tmp_path):
    wrong = tmp_path / "ashby-2026.toml"
    wrong.write_text(with_row("signatures = 3", "signatures = 0").replace("hours = 24", 'hours = "x"'))
    answer = hub("check", str(wrong))
    assert answer.exit_code == 1
    assert "closure.signatures: is out of range. Allowed: a whole number from 1 to 9" in answer.output
    assert "strategy_clock.hours: is of another type." in answer.output
    found = json.loads(hub("check", str(wrong), "--json").output)
    assert {one["row"] for one in found["faults"]} == {"closure.signatures", "strategy_clock.hours"}


def test_the_command_wants_an_id_of_its_own_and_the_files_name(tmp_path):
    renamed = tmp_path / "other-2026.toml"
    renamed.write_text(WRITTEN)
    assert "id: is not the name of the file" in hub("check", str(renamed)).output
    taken = tmp_path / "llr-2024.toml"
    taken.write_text(shipped_text("llr-2024").replace("signatures = 2", "signatures = 4"))
    answer = hub("check", str(taken))
    assert (answer.exit_code, "comes with the hub" in answer.output) == (1, True)


@pytest.mark.parametrize(
    "words", [("check", "/nowhere.toml"), ("check", str(ASHBY), "--against", "x"), ("show", "x")]
)
def test_a_command_used_wrongly_ends_with_2(words):
    assert hub(*words).exit_code == 2


def test_list_and_show_know_the_partnerships_own(tmp_path, monkeypatch):
    (tmp_path / "ashby-2026.toml").write_text(WRITTEN)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HUB_PROFILES", str(tmp_path))
    rows = {one["id"]: one["shipped"] for one in json.loads(hub("list", "--json").output)}
    assert rows == {"ashby-2026": False, "darlington-2025": True, "llr-2024": True}
    shown = json.loads(hub("show", "ashby-2026", "--json").output)
    assert shown["strategy_clock"]["hours"] == 24
    assert "hours 24" in hub("show", "ashby-2026").output
