"""What can be wrong with a rule, in words that name the remedy. Not here: reading the rules (`pipelines.rules`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class RuleError(ConfigError):
    """A rule file that cannot be used."""

    @classmethod
    def bad_match(cls, column: str, wanted: object) -> RuleError:
        """A value of `match` that has no meaning."""
        return cls(
            f"{wanted!r} is no way to match {column}",
            where=f"match: {column}",
            remedy="Use a word, a number, a list of them, null, 2xx, 'not 2xx' or {matches: regex}.",
        )

    @classmethod
    def unknown_column(cls, rule: str, column: str, columns: Sequence[str]) -> RuleError:
        """A column that the rows do not have."""
        return cls(f"there is no column {column} to match", where=f"rule {rule}", remedy=f"Use one of: {', '.join(columns)}.")

    @classmethod
    def bad_expression(cls, rule: str, expression: str, why: str) -> RuleError:
        """A SQL expression that is refused."""
        return cls(
            f"the expression cannot be used: {why}",
            where=f"rule {rule}: {expression}",
            remedy="Write one scalar SQL expression over the row's columns, without subqueries.",
        )

    @classmethod
    def bad_fact(cls, fact: str, why: str) -> RuleError:
        """A fact of a body that cannot be found."""
        return cls(
            f"the fact cannot be used: {why}",
            where=f"facts, {fact}",
            remedy="Write it like {fact: phase, resource: nodeclaims.karpenter.sh, value: $.status.phase}.",
        )

    @classmethod
    def no_bodies(cls, rule: str, resource: str, name: str) -> RuleError:
        """A rule about bodies that are not kept."""
        return cls(
            f"the bodies of {resource} are not kept, so it would catch nothing",
            where=f"rule {rule}",
            remedy=f"Write `ingest: {{keep_bodies_of: [{name}]}}` in lorgnette.yaml and ingest again. What is tracked (pods, nodes, workloads) is told by rows of `origin: state`.",
        )

    @classmethod
    def bad_file(cls, path: str, why: str) -> RuleError:
        """A file that holds no rules."""
        return cls(
            f"the rule file cannot be read: {why}",
            where=path,
            remedy="See docs/rules.md for the form of a rule, and `lorgnette rules` for the built-in ones.",
        )

    @classmethod
    def bad_objective(cls, path: str, rule: Mapping[str, Any], why: str, remedy: str) -> RuleError:
        """An objective that says what cannot be."""
        return cls(f"the objective {rule.get('kind')}/{rule.get('objective')} cannot be used: {why}", where=path, remedy=remedy)

    @classmethod
    def bad_openslo(cls, path: str, document: str, why: str, remedy: str) -> RuleError:
        """An OpenSLO document that cannot be understood, or done."""
        return cls(f"the OpenSLO document cannot be used: {why}", where=f"{path}, {document}", remedy=remedy)
