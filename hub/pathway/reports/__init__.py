"""Reports for those who govern: of many children, and of organisations; never of one child (R-186)."""

from hub.pathway.reports.adoption import Adopter, adoption
from hub.pathway.reports.children import Counted
from hub.pathway.reports.counting import counted
from hub.pathway.reports.framework import (
    NOTHING_IMPORTED,
    Domain,
    Framework,
    load_framework,
    read_framework,
)
from hub.pathway.reports.lags import lags
from hub.pathway.reports.learning import learning
from hub.pathway.reports.outcomes import Closed, closed, outcomes
from hub.pathway.reports.parity import parity
from hub.pathway.reports.period import ReportYear, latest_year
from hub.pathway.reports.self_assessment import (
    Action,
    Cycle,
    DomainResult,
    Mean,
    Outline,
    Score,
    SelfAssessment,
    self_assessment,
)
from hub.pathway.reports.suppression import FEWEST, Parts, enough, parts
from hub.pathway.reports.table import Column, Report, Row, Table, Value

__all__ = [
    "FEWEST",
    "NOTHING_IMPORTED",
    "Action",
    "Adopter",
    "Closed",
    "Column",
    "Counted",
    "Cycle",
    "Domain",
    "DomainResult",
    "Framework",
    "Mean",
    "Outline",
    "Parts",
    "Report",
    "ReportYear",
    "Row",
    "Score",
    "SelfAssessment",
    "Table",
    "Value",
    "adoption",
    "closed",
    "counted",
    "enough",
    "lags",
    "latest_year",
    "learning",
    "load_framework",
    "outcomes",
    "parity",
    "parts",
    "read_framework",
    "self_assessment",
]
