"""What is promised in data and documents is all there: rules, examples, problems, words."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import schemas
from docs import generate
from hub.errors import PROBLEMS

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
RULES = list(generate.rules())


@pytest.mark.req("H-12")
def test_every_statement_of_the_policies_is_read() -> None:
    """A statement the generator cannot read would be missing from the page without a sound."""
    written = sum(
        len(re.findall(r"^(?:permit|forbid)\b", file.read_text(encoding="utf-8"), re.MULTILINE))
        for file in generate.POLICIES.glob("*.cedar")
    )
    assert written == len(RULES) > 0


@pytest.mark.req("H-12", "H-14")
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["id"])
def test_every_rule_says_what_it_carries_out_and_why(rule: generate.Rule) -> None:
    assert re.fullmatch(r"(?:D-\d{2}|G\.\d{2}|[HQR]-\d{2,3})", rule["rule"]), rule["rule"]
    assert re.fullmatch(r"[HRDQ]-\d{2,3}", rule["requirement"])
    assert len(rule["reason"]) > 20 and rule["reason"].endswith(".")
    assert rule["legal_basis"]


@pytest.mark.req("H-12")
def test_ids_of_rules_are_unique() -> None:
    ids = [rule["id"] for rule in RULES]
    assert sorted(ids) == sorted(set(ids))


@pytest.mark.req("H-27")
@pytest.mark.parametrize(("name", "version"), schemas.types(), ids=lambda part: str(part))
def test_every_event_type_has_examples(name: str, version: int) -> None:
    posted = schemas.schema(name, version)["x-kind"] != "hub"
    least = 2 if posted else 1
    assert len(schemas.examples(name, version, which="valid")) >= least
    assert len(schemas.examples(name, version, which="invalid")) >= least


@pytest.mark.req("H-26")
@pytest.mark.parametrize("slug", sorted(PROBLEMS))
def test_every_problem_is_documented(slug: str) -> None:
    assert f"| `{slug}` |" in (DOCS / "problems.md").read_text(encoding="utf-8")


@pytest.mark.req("H-12")
def test_generated_documents_are_current() -> None:
    assert generate.main(["--check"]) == 0


@pytest.mark.req("R-006", "H-09")
def test_the_glossary_has_every_label_role_and_term() -> None:
    glossary = (DOCS / "glossary.md").read_text(encoding="utf-8").lower()
    labels = [one.code for one in schemas.codes("labels").codes]
    terms = """child who has harmed; child who has been harmed; fact; decision; safety line;
        provisional stream; token; redacted; hidden; receipt; checkpoint; leaf; relationship;
        purpose; chronology; overview; upcasting; domain clock; wall clock; profile;
        responsible authority""".split(";")
    wanted = [one.strip().lower() for one in [*labels, *terms]]
    missing = [one for one in wanted if one not in glossary]
    assert missing == []


@pytest.mark.req("R-014")
def test_every_source_is_described_with_publisher_and_date() -> None:
    sources = tomllib.loads((DOCS / "sources.toml").read_text(encoding="utf-8"))
    assert sorted(sources) == ["S1", "S2", "S3", "S4", "S5"]
    for one in sources.values():
        assert {"title", "publisher", "date", "cited"} <= set(one)


@pytest.mark.req("R-014")
def test_no_source_is_cited_that_is_not_described() -> None:
    sources = set(tomllib.loads((DOCS / "sources.toml").read_text(encoding="utf-8")))
    cited = {
        name
        for folder in ("hub", "schemas")
        for file in (ROOT / folder).rglob("*")
        if file.suffix in (".py", ".json", ".cedar") and "node_modules" not in file.parts
        for name in re.findall(r"\b(S\d) s\.", file.read_text(encoding="utf-8"))
    }
    assert cited <= sources
    assert cited, "nothing cites a source: the pattern looks for the wrong words"


@pytest.mark.req("H-14")
def test_links_between_documents_lead_somewhere() -> None:
    broken = []
    for page in [ROOT / "README.md", *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if "://" not in target and not (page.parent / target).exists():
                broken.append(f"{page.name}: {target}")
    assert broken == []


@pytest.mark.req("H-14")
def test_security_properties_name_code_and_tests_that_exist() -> None:
    text = (DOCS / "security-properties.md").read_text(encoding="utf-8")
    paths = re.findall(r"`((?:hub|tests|agencies|schemas|docs)/[\w./-]+)`", text)
    assert len(paths) > 20
    assert [path for path in paths if not (ROOT / path).exists()] == []
