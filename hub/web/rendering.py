"""Templates to answers, with the headers that every page carries."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader
from starlette.responses import HTMLResponse

from hub.disclosure.proving.plain_words import at_start, reader_in_words, relationship_in_words
from hub.web import words
from hub.web.services import WebServices
from hub.web.words import Vocabulary

STATIC: Final = Path(__file__).parent / "static"
DESIGN_SYSTEM: Final = STATIC / "vendor" / "govuk-frontend.min.css"

# No script runs on any page, so an injected one could not either. Referrer-Policy is same-origin, not
# no-referrer, because the latter also blanks the Origin of forms.
HEADERS: Final[Mapping[str, str]] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


class Renderer:
    """The templates of the pages, with everything escaped unless a template wrote it itself."""

    def __init__(self, services: WebServices) -> None:
        self._environment = Environment(
            loader=ChoiceLoader(
                [
                    PackageLoader("hub.web", "templates"),
                    PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
                ]
            ),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.words = Vocabulary(services.types, services.organisations, services.scales)
        self._environment.globals |= {
            "hub_name": services.name,
            "design_system": DESIGN_SYSTEM.is_file(),
            "when": words.when,
            "due": words.due,
            "said_fields": self.words.fields,
        }
        self._environment.filters |= {
            "day": words.day,
            "minute": words.minute,
            "said": self.words.general,
            "purpose": self.words.purpose,
            "type_title": self.words.title,
            "titled": self.words.titled,
            "procedure": lambda value: services.profiles.get(value, value),
            "reader": lambda code: at_start(reader_in_words(code)),
            "relationship": lambda code: at_start(relationship_in_words(code)),
            "organisation": lambda value: services.organisations().get(value) or self.words.general(value),
        }

    def page(self, template: str, *, status: int = 200, **context: object) -> HTMLResponse:
        """One page."""
        body = self._environment.get_template(template).render(**context)
        return HTMLResponse(body, status_code=status, headers=dict(HEADERS))
