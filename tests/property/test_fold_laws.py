"""Laws of folding and of taking payloads apart."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hub.envelope import EventKey
from hub.errors import HubError
from hub.intake.apart import take_apart
from hub.views.entry import Surroundings, post_of
from hub.views.fold import earlier_texts, fold
from hub.views.relationships import grants_of
from hub.views.stored import StoredLink, StoredPost, read_link, read_post
from hub.views.types import Post

CHILD = "00000000-0000-4000-8000-000000000001"
JOINED = "00000000-0000-4000-8000-000000000002"
STREAMS = (f"child/{CHILD}", f"child/{JOINED}")
START = datetime(2025, 9, 12, 12, 0, tzinfo=UTC)
AUTHORITY, OTHER_AUTHORITY, SCHOOL, POLICE = (
    "social-care.n-csc",
    "social-care.s-csc",
    "education.elm-school",
    "police.n-police",
)
AROUND = Surroundings(
    lambda named: None, lambda type_, data: data, lambda type_, data, authority: frozenset()
)
ORGANISATIONS = st.sampled_from((AUTHORITY, OTHER_AUTHORITY, SCHOOL, POLICE))


def key(number, organisation):
    return EventKey(f"urn:safeguarding:org:{organisation}", f"event-{number:012d}")


@st.composite
def histories(draw):
    """Posts of all shapes on two streams of one child, some correcting or retracting earlier ones."""
    posts = []
    for number in range(draw(st.integers(1, 14))):
        organisation = draw(ORGANISATIONS)
        type_, data = draw(content(organisation, posts))
        at = START + timedelta(hours=number)
        data = {"occurred_at": "2025-09-1" + str(draw(st.integers(0, 9))), "precision": "day"} | data
        posts.append(
            Post(
                key=key(number, organisation),
                stream=draw(st.sampled_from(STREAMS)),
                position=10 + 3 * number,
                type=type_,
                version=1,
                organisation=organisation,
                area=organisation if organisation.startswith("social-care") else AUTHORITY,
                author=f"{organisation}/a-1",
                author_role=None,
                author_roles=frozenset(draw(st.sets(st.sampled_from(("team-manager", "x"))))),
                recorded_at=at,
                received_at=at,
                data=data,
                flags=(),
                named=(),
                references=(),
            )
        )
    return posts


@st.composite
def content(draw, organisation, posts):
    holder = draw(ORGANISATIONS)
    shapes = [
        ("incident-recorded", {"role": "has-harmed", "status": "alleged"}),
        ("child-stream-opened", {"responsible_authority": organisation, "schools": [SCHOOL]}),
        ("relationship-recorded", {"kind": draw(st.sampled_from(("treated", "enquiry", "placed", "cover"))),
                                   "organisation": holder, "person": f"{holder}/p-1"}),
        ("relationship-ended", {"kind": "treated", "organisation": holder}),
        ("social-worker-allocated", {"kind": "allocated", "worker": f"{holder}/w-1"}),
        ("invitation-sent", {"meeting": "M1", "organisation": holder, "decision": "invited"}),
        ("meeting-held", {"meeting": "M1", "kind": "strategy", "attendance": [{"organisation": holder}]}),
    ]  # fmt: skip
    if posts:
        target = draw(st.sampled_from(posts)).key
        about = {"source": target.source, "id": target.id}
        replacement = {"occurred_at": "2025-09-01", "precision": "day", "role": "has-been-harmed"}
        shapes += [
            ("event-corrected", {"about": about, "replacement": replacement, "reason": "again"}),
            ("event-retracted", {"about": about, "reason": "entered-in-error"}),
        ]
    return draw(st.sampled_from(shapes))


def folded(posts):
    result = fold(CHILD, STREAMS, posts, AROUND)
    return result, grants_of(result, {}, lambda organisation: AUTHORITY), earlier_texts(result, AROUND)


@pytest.mark.req("H-05", "H-06")
@settings(max_examples=60, deadline=None)
@given(histories(), st.randoms(use_true_random=False))
def test_any_interleaving_of_the_streams_gives_the_same_child(posts, random):
    shuffled = list(posts)
    random.shuffle(shuffled)
    assert folded(shuffled) == folded(posts)


@pytest.mark.req("H-02", "H-07")
@settings(max_examples=60, deadline=None)
@given(histories(), st.integers(0, 14))
def test_what_comes_later_never_changes_an_entry_but_by_its_own_poster(posts, count):
    before, after = fold(CHILD, STREAMS, posts[:count], AROUND), fold(CHILD, STREAMS, posts, AROUND)
    touched = {
        (one.data["about"]["source"], one.data["about"]["id"])
        for one in posts[count:]
        if "about" in one.data and one.data["about"]["source"] == one.key.source
    }
    later = {one.key: one for one in after.entries}
    corrections = {one.key for one in posts if one.type == "event-corrected"}
    for entry in before.entries:
        if (entry.key.source, entry.key.id) in touched or corrections & {EventKey(*one) for one in touched}:
            continue
        assert replace(later[entry.key], provisional=entry.provisional, flags=entry.flags) == entry


@pytest.mark.req("H-16", "G.00")
@settings(max_examples=60, deadline=None)
@given(histories())
def test_only_an_authority_of_the_child_lets_others_in(posts):
    result, grants, _ = folded(posts)
    by = {one.key: one.organisation for one in result.posts}
    for grant in grants:
        if grant.kind == "cover" and grant.organisation == by[grant.basis]:
            continue  # a manager's stand-in for an organisation that holds something itself
        if grant.kind == "front-door":
            continue
        assert by[grant.basis] == (result.authority or result.area)
        assert grant.until is None or grant.from_ <= grant.until


REFERENCES = st.one_of(
    st.from_regex(r"nhs:[0-9]{10}", fullmatch=True),
    st.from_regex(r"local:education\.elm-school:t-[0-9]{1,3}", fullmatch=True),
)
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\x00"), max_size=20)


@pytest.mark.req("H-01", "D-03")
@settings(max_examples=150, deadline=None)
@given(
    st.lists(REFERENCES, max_size=4),
    st.lists(TEXT, max_size=4),
    st.booleans(),
    st.sampled_from((None, 1)),
    st.data(),
)
def test_signed_bytes_come_back_exactly_and_hold_no_reference_meanwhile(
    others, texts, ascii_only, indent, data
):
    mixed = "".join(piece for text in texts for piece in (text, data.draw(st.sampled_from([*others, ""]))))
    event = {"type": "safeguarding.incident-recorded.v1", "time": "2025-09-12T15:25:00Z", "data": {
        "others": [{"ref": one} for one in others], "narrative": mixed,
    }}  # fmt: skip
    assume(not any(one in text for one in others for text in texts))
    payload = json.dumps(event, ensure_ascii=ascii_only, indent=indent).encode()
    apart = take_apart(payload, others)
    stored = StoredPost(
        header="aGVhZGVy", signature="c2ln", pieces=apart.pieces, cuts=apart.cuts, marks=apart.marks,
        link="link/1" if apart.references else None, subject="nhs:9990010013", organisation=SCHOOL, area=None,
        author_role=None, author_roles=(), received_at=START, warnings=(("H-05", "text", "source"),),
        flags=(), claimed=(), policy_version="p",
    )  # fmt: skip
    link = StoredLink(key(1, SCHOOL), apart.references)
    assert read_post(stored.body()) == stored and read_link(link.body()) == link
    assert stored.payload(apart.references) == payload
    header, middle, signature = stored.compact(apart.references).split(b".")
    assert (header, signature) == (b"aGVhZGVy", b"c2ln") and b"=" not in middle
    assert not any(one.encode() in stored.body() for one in others)
    read = post_of(key(1, SCHOOL), STREAMS[0], 1, stored, link, lambda reference: reference.upper())
    marks = {one.index: one.digest for one in read.named}
    refs = [json.loads(payload)["data"]["others"][number - 1]["ref"].upper() for number in marks]
    assert list(marks.values()) == refs


@pytest.mark.req("D-03")
@settings(max_examples=60, deadline=None)
@given(REFERENCES, st.integers(0, 30), st.booleans())
def test_a_reference_written_with_escapes_is_refused(reference, place, in_narrative):
    place %= len(reference)
    escaped = f"{reference[:place]}\\u{ord(reference[place]):04x}{reference[place + 1 :]}"
    ref, narrative = (reference, escaped) if in_narrative else (escaped, "nothing")
    payload = f'{{"data":{{"others":[{{"ref":"{ref}"}}],"narrative":"{narrative}"}}}}'.encode()
    assert json.loads(payload)["data"]["others"][0]["ref"] == reference
    with pytest.raises(HubError) as refusal:
        take_apart(payload, [reference])
    assert refusal.value.slug == "json" and reference not in refusal.value.detail
