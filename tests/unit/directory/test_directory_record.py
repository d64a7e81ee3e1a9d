"""The directory over a real record: commands, collisions, several processes' views of it."""

import json
import threading
from datetime import timedelta

import pytest
from joserfc.jwk import OKPKey

from hub.directory import Directory
from hub.errors import HubError
from tests.support.onboarding import signed_up
from tests.unit.directory.conftest import NOW

CSC, SCHOOL = "social-care.n-csc", "education.elm-school"
WORKER, MANAGER = f"{CSC}/sw-n1", f"{CSC}/tm-1"


@pytest.fixture
def directory(record, clock):
    directory = Directory(record, clock)
    directory.add_organisation(CSC, "N children's social care")
    directory.add_organisation(SCHOOL, "Elm School", area=CSC)
    signed_up(directory, CSC, SCHOOL)
    directory.add_person(WORKER, ("social-worker",))
    directory.add_person(MANAGER, ("team-manager",))
    return directory


def jwk():
    key = OKPKey.generate_key("Ed25519")
    return key.thumbprint(), json.dumps(key.as_dict(private=False))


@pytest.mark.req("H-16")
def test_a_principal_has_what_the_directory_says_now(directory):
    who = directory.principal_for_person(WORKER)
    assert (who.id, who.organisation, who.organisation_kind, who.area) == (WORKER, CSC, "social-care", CSC)
    assert who.roles == {"social-worker"}
    system = directory.principal_for_organisation(SCHOOL)
    assert (system.id, system.person, system.area, system.roles) == (SCHOOL, None, CSC, frozenset())
    directory.grant_role(SCHOOL, "witness")
    assert directory.principal_for_organisation(SCHOOL).roles == {"witness"}


@pytest.mark.req("H-16")
def test_a_disabled_person_is_refused_from_the_next_look_up_in_another_process_too(directory, record, clock):
    other = Directory(record, clock)
    assert other.principal_for_person(WORKER).person == WORKER
    directory.disable_person(WORKER)
    for one in (directory, other):
        with pytest.raises(HubError) as caught:
            one.principal_for_person(WORKER)
        assert caught.value.slug == "token"
        assert one.roles(WORKER) == frozenset()
        assert one.people_with_role(CSC, "social-worker") == ()
    with pytest.raises(HubError):
        directory.principal_for_person(f"{CSC}/nobody")
    with pytest.raises(HubError):
        directory.principal_for_organisation("police.nowhere")


@pytest.mark.req("H-28")
def test_a_team_manager_is_one_of_the_same_organisation_who_holds_the_role_now(directory):
    assert directory.is_team_manager(MANAGER, CSC)
    assert not directory.is_team_manager(MANAGER, SCHOOL)
    assert not directory.is_team_manager(WORKER, CSC)
    directory.end_role(MANAGER, "team-manager")
    assert not directory.is_team_manager(MANAGER, CSC)
    assert directory.team_managers(CSC) == ()


@pytest.mark.req("H-21")
def test_keys_live_through_rotation_and_revocation_and_serve_one_use_only(directory, clock):
    first, first_jwk = jwk()
    directory.register_key(SCHOOL, "events", first_jwk)
    assert directory.key(first, "events").valid_at(NOW)
    assert directory.key(first, "client") is None
    with pytest.raises(HubError) as caught:
        directory.register_key(SCHOOL, "client", first_jwk)
    assert caught.value.slug == "conflict"
    with pytest.raises(HubError):
        directory.register_key(CSC, "events", first_jwk)

    second, second_jwk = jwk()
    clock.now = NOW + timedelta(days=1)
    directory.rotate_key(first, second_jwk, overlap_until=NOW + timedelta(days=2))
    at = NOW + timedelta(days=1, hours=1)
    assert {one.kid for one in directory.keys_at(SCHOOL, "events", at)} == {first, second}
    assert {one.kid for one in directory.keys_at(SCHOOL, "events", NOW + timedelta(days=2))} == {second}
    assert {one.kid for one in directory.keys_at(SCHOOL, "events", NOW)} == {first}, "valid at posting"

    clock.now = NOW + timedelta(days=3)
    revoked = directory.revoke_key(second, compromised_since=NOW + timedelta(days=2))
    assert revoked.compromised_since == NOW + timedelta(days=2)
    assert directory.keys_at(SCHOOL, "events", clock.now) == ()
    with pytest.raises(HubError) as caught:
        directory.rotate_key(second, jwk()[1], overlap_until=clock.now)
    assert caught.value.slug == "key-revoked"


@pytest.mark.req("H-21")
def test_revoking_again_does_not_move_the_revocation_later(directory, clock):
    kid, text = jwk()
    directory.register_key(SCHOOL, "events", text)
    directory.revoke_key(kid)
    clock.now = NOW + timedelta(days=5)
    again = directory.revoke_key(kid, compromised_since=NOW)
    assert (again.revoked_at, again.compromised_since) == (NOW, NOW)


@pytest.mark.parametrize(
    ("command", "slug"),
    [
        (lambda d: d.add_organisation("zoo.x", "X"), "schema"),
        (lambda d: d.add_organisation("police.x", " "), "schema"),
        (lambda d: d.add_organisation("police.x", "X", area="police.y"), "schema"),
        (lambda d: d.add_organisation("police.x", "X", area="social-care.unknown"), "not-found"),
        (lambda d: d.add_person("police.x/p-1"), "not-found"),
        (lambda d: d.add_person(WORKER), "conflict"),
        (lambda d: d.add_person(f"{CSC}/new", ("no-such-role",)), "schema"),
        (lambda d: d.grant_role(f"{CSC}/nobody", "social-worker"), "not-found"),
        (lambda d: d.disable_person(f"{CSC}/nobody"), "not-found"),
        (lambda d: d.revoke_key("nothing"), "not-found"),
        (lambda d: d.rotate_key("nothing", jwk()[1], NOW), "not-found"),
        (lambda d: d.register_key("police.x", "events", jwk()[1]), "not-found"),
        (lambda d: d.register_key(CSC, "events", jwk()[1], not_after=NOW), "schema"),
        (lambda d: d.adopt_profile(CSC, "Not A Profile"), "schema"),
        (lambda d: d.adopt_profile("police.x", "llr-2024"), "not-found"),
        (lambda d: d.record_agreement(CSC, "assessment", "", "ISA"), "schema"),
    ],
)
def test_a_refused_command_leaves_nothing(directory, record, command, slug):
    before = record.versions(["directory"])
    with pytest.raises(HubError) as caught:
        command(directory)
    assert caught.value.slug == slug
    assert record.versions(["directory"]) == before


@pytest.mark.req("H-12", "Q-05")
def test_profiles_and_agreements_are_looked_up(directory):
    directory.adopt_profile(CSC, "darlington-2025")
    directory.record_agreement(CSC, "assessment", "Children Act 1989 s.17", "ISA 4")
    assert directory.organisation(CSC).profile == "darlington-2025"
    assert directory.area_of(SCHOOL) == CSC and directory.area_of("police.x") is None
    assert directory.lawful_basis(CSC, "assessment") == "Children Act 1989 s.17"
    assert directory.lawful_basis(CSC, "audit") is None


@pytest.mark.req("H-02", "H-06")
def test_writers_that_collide_all_succeed_and_a_rebuilt_directory_is_equal(directory, record, clock):
    directories = [Directory(record, clock) for _ in range(4)]
    faults = []

    def add(number):
        try:
            directories[number].add_person(f"{SCHOOL}/p-{number}", ("designated-safeguarding-lead",))
        except HubError as error:
            faults.append(error)

    threads = [threading.Thread(target=add, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert len(directory.people_with_role(SCHOOL, "designated-safeguarding-lead")) == 4
    assert Directory(record, clock).refresh() == directory.refresh()
    versions = [item.version for item in record.stream("directory")]
    assert versions == list(range(1, len(versions) + 1))


@pytest.mark.req("R-197")
def test_a_profile_that_no_procedure_has_is_refused(directory: Directory) -> None:
    directory.add_organisation(CSC, "N")
    with pytest.raises(HubError) as refused:
        directory.adopt_profile(CSC, "darlingtn-2025")
    assert refused.value.slug == "schema"
