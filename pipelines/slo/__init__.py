"""How the objectives stand, and how they would stand under other limits: answers from the lake, without changing it.

Here: `standings` and `what_if`. Not here: the SLO tables (`sql/slo`), objectives as rules (`pipelines.rules`), and printing (`pipelines.cli`).
"""

from __future__ import annotations

from pipelines.slo.changes import Change, changed_rules
from pipelines.slo.standing import Query, standings
from pipelines.slo.what_if import WhatIf, what_if

__all__ = ["Change", "Query", "WhatIf", "changed_rules", "standings", "what_if"]
