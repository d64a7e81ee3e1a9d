"""Where in the published documents each pattern rule comes from, for whoever is shown a line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SOURCES: Final[Mapping[str, str]] = {
    "P-01": "S1",
    "P-02": "S3 s.3; S5 s.2; S5 s.15",
    "P-03": "S3 s.3; S5 s.2; S5 s.15",
    "P-04": "S3 s.3; S5 s.5",
    "P-05": "S3 s.1; S5 s.2; S5 s.8",
    "P-06": "S3 s.1; S1; S5 s.2",
    "P-07": "S1; S4",
    "P-08": "S1; S4",
    "P-09": "S3 s.4; S5 s.8; S3 s.1",
    "P-10": "S5 s.6",
    "P-11": "S2; S3 s.4",
    "P-12": "S3 s.1; S5 s.1; S5 s.2; S5 s.14",
    "P-13": "S3 s.4",
    "P-14": "S3 s.4",
    "P-15": "S3 s.4; S1",
    "P-16": "S1",
    "P-17": "S1",
    "P-18": "S1; S5 s.2",
    "P-19": "S3 s.4",
    "P-20": "S3 s.4",
    "P-21": "S3 s.4; S1",
    "P-22": "S1; S3 s.4; S5 s.8",
    "P-23": "S5 s.16; S3 s.4",
    "P-24": "S5 s.16; S3 s.4",
    "P-25": "S3 s.4; S1; S2",
    "P-26": "S1; S5 s.3",
    "P-27": "S5 s.1",
    "P-28": "S3 s.3; S3 s.5; S5 s.4",
}
"""By rule id: documents and sections, as docs/sources.toml names them."""
