"""What became of each resource that was asked for: counts, and what could not be had with the way to get it.

Not here: how it is shown (`pipelines.cli`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.sources.live.resources import VERBS, rules

if TYPE_CHECKING:
    from pipelines.sources.live.failures import ApiFailureError
    from pipelines.sources.live.resources import Rule, Target


@dataclass(slots=True)
class Told:
    """One resource.

    Attributes:
        target: What was asked for.
        pages: Pages of Lists.
        items: Objects on them.
        frames: Frames of watches that tell of an object.
        restarts: Lists that were started again because their version had expired.
        retries: Requests that were made again after a failure or a lost connection.
        note: What is no failure, but worth knowing.
        problem: Why it is not complete; None if it is.
        rule: The RBAC rule that is missing.
    """

    target: Target
    pages: int = 0
    items: int = 0
    frames: int = 0
    restarts: int = 0
    retries: int = 0
    note: str | None = None
    problem: str | None = None
    rule: Rule | None = None

    def refused(self, failure: ApiFailureError, *, is_watching: bool) -> None:
        """Take down why the server gave no more."""
        if failure.is_not_served:
            # What the server does not have cannot be missing.
            self.note = "this API server does not serve it"
            return
        self.problem = failure.message
        if failure.is_forbidden:
            (self.rule,) = rules([self.target.resource], [VERBS[-1]] if is_watching else VERBS)
        elif failure.is_unauthorized:
            self.problem = f"the credentials are not accepted: {failure.message}"

    @property
    def remedy(self) -> str | None:
        """What to do about the problem."""
        if self.rule is None:
            return None
        role = f"a Role in namespace {self.target.namespace}" if self.target.namespace else "a ClusterRole"
        words = ", ".join(f"{key}: {json.dumps(values)}" for key, values in self.rule.items())
        if self.target.namespace is None and self.target.resource.is_namespaced:
            otherwise = "ask only for namespaces that you may read (-n)"
        else:
            otherwise = "leave it out of `resources` under `clusters.<name>.live`"
        return f"Add to {role} the rule {{{words}}}, or {otherwise}."
