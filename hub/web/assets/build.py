"""Put the design system's style sheet where the pages find it, without fonts and crest.

The fonts and the crest of GOV.UK are for services on gov.uk only, so the rules that name them are
taken out. Run by `make setup` after npm has filled node_modules from the lock.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
SOURCE: Final = HERE / "node_modules" / "govuk-frontend" / "dist" / "govuk" / "govuk-frontend.min.css"
TARGET: Final = HERE.parent / "static" / "vendor" / "govuk-frontend.min.css"
NOTICE: Final = "/*! GOV.UK Frontend, (c) Crown copyright, MIT licence */\n"


def without_fonts(css: str) -> str:
    """The style sheet with system fonts, and without anything it would load from elsewhere."""
    css = re.sub(r"@font-face\{[^}]*\}", "", css)
    css = css.replace('"GDS Transport",arial,sans-serif', "arial,helvetica,sans-serif")
    css = css.replace("GDS Transport,arial,sans-serif", "arial,helvetica,sans-serif")
    css = css.replace("url(/assets/images/govuk-crest.svg)", "none")
    css = re.sub(r"/\*[^!].*?\*/", "", css, flags=re.DOTALL)
    return re.sub(r"/\*# sourceMappingURL=.*?\*/", "", css)


def main() -> int:
    """Copy the style sheet; leave what is there where the source is missing."""
    if not SOURCE.is_file():
        sys.stderr.write("No style sheet of the design system here; the pages use their own.\n")
        return 0
    css = without_fonts(SOURCE.read_text(encoding="utf-8"))
    if "@font-face" in css or "GDS Transport" in css or "url(/" in css:
        sys.stderr.write("The style sheet still names fonts or images that may not be used here.\n")
        return 1
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(NOTICE + css, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
