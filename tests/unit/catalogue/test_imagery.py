import base64
import time

import pytest

from hub.catalogue.imagery import check_imagery
from hub.errors import HubError

BLOB = base64.b64encode(bytes(range(256))).decode()
REFUSED = {
    "a data URI": "data:image/png;base64,iVBORw0KGgo=",
    "a data URI in a sentence": "look (data:image/gif;base64,R0lGODlhAQAB) here",
    "a data URI in capitals": "DATA:IMAGE/PNG;BASE64,AAAA",
    "a data URI of a video": "data:video/mp4,xxxx",
    "a data URI without a type": "data:;base64,AAAA",
    "an empty data URI": "data:,AAAA",
    "a percent-encoded data URI": "data%3Aimage%2Fpng;base64,AAAA",
    "a link": "https://pictures.example/one.jpg",
    "a link with a query": "see https://pictures.example/one.JPEG?size=2 now",
    "a link in brackets": "(https://pictures.example/a/b.webp).",
    "a link without a scheme": "www.pictures.example/one.png",
    "a bare path": "shared/pictures/one.heic",
    "a network share": r"\\server\share\film.MOV",
    "a percent-encoded ending": "https://pictures.example/one%2Ejpg",
    "a file link": "file:one.mp4",
    "markup": "<img src=x>",
    "base64": BLOB,
    "base64url": BLOB.replace("+", "-").replace("/", "_"),
    "base64 in lines": " ".join(BLOB[at : at + 76] for at in range(0, len(BLOB), 76)),
    "the first bytes of a picture": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ",
    "the first bytes of a photograph": "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAAEBAQEBAQ",
}


@pytest.mark.req("H-22")
@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
def test_imagery_is_refused(text: str) -> None:
    for data in ({"narrative": text}, {"parts": {"needs": text}}, {"measures": [{"code": text}]}):
        with pytest.raises(HubError) as refused:
            check_imagery(data)
        assert (refused.value.slug, refused.value.status) == ("imagery", 422)
        assert text not in refused.value.detail


@pytest.mark.req("H-22")
@pytest.mark.parametrize("member", ["photo", "Image", "attachments", "video", "file"])
def test_a_member_for_media_is_refused(member: str) -> None:
    with pytest.raises(HubError) as refused:
        check_imagery({"parts": {member: "x"}})
    assert refused.value.slug == "imagery"


@pytest.mark.req("H-22", "H-27")
@pytest.mark.parametrize(
    "text",
    [
        "The school keeps its data: see the policy.",
        "Metadata: none. A picture was mentioned; it was not sent.",
        "He said a.jpg and b.png were words he knew.",
        "https://www.example.org/guidance/sharing-images.html#photos",
        "education.elm-school/dsl-1",
        "urn:safeguarding:org:education.elm-school",
        "0123456789abcdef" * 4,
        "Seen at 15:25 on 12/09/2025 and/or 13/09/2025.",
        "",
    ],
)
def test_plain_text_is_not_imagery(text: str) -> None:
    check_imagery({"narrative": text, "others": [{"ref": text}], "separate": True, "interval_days": 42})


@pytest.mark.req("H-22")
@pytest.mark.parametrize("unit", ["/", "data:", "a.png", "/x.pn", "A" * 119 + ".", "A" * 55 + " ", "%2"])
def test_hostile_text_costs_one_pass(unit: str) -> None:
    begun = time.perf_counter()
    try:
        check_imagery({"narrative": unit * (120_000 // len(unit))})
    except HubError as refused:
        assert refused.slug == "imagery"
    assert time.perf_counter() - begun < 3
