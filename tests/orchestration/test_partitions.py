"""Partitions: which keys make a stretch, and which days a day of a table reads."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import combinations

import dagster as dg
import pytest
from dagster._core.definitions.partitions.context import partition_loading_context

from pipelines.errors import ConfigError
from pipelines.orchestration.build import build_defs
from pipelines.orchestration.partitions import BACKFILL_POLICY, CLUSTERS_NAME, Span, key, mapping, partitions, range_tags, spans
from pipelines.orchestration.steps import days_touched, steps
from pipelines.sql_files import Input, load
from tests.orchestration.conftest import FIRST_DAY


def days(*numbers: int) -> tuple[date, ...]:
    return tuple(date(2026, 11, number) for number in numbers)


def test_keys_are_joined_into_stretches_of_days_per_cluster() -> None:
    keys = ["b|2026-11-03", "a|2026-11-02", "a|2026-11-01", "a|2026-11-05"]
    found = spans(keys)
    assert found == [Span("a", days(1, 2)), Span("a", days(5)), Span("b", days(3))]
    assert (found[0].from_at, found[0].to_at) == (datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 3, tzinfo=UTC))


def test_a_cluster_keeps_its_name_whatever_is_in_it() -> None:
    assert spans([key("eu/prod 1:2", date(2026, 11, 1))]) == [Span("eu/prod 1:2", days(1))]


@pytest.mark.parametrize("name", ["a|b", "a...b"])
def test_names_that_dagster_would_cut_are_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="cannot be scheduled"):
        key(name, date(2026, 11, 1))


def test_a_range_is_one_run_that_the_queue_knows_the_cluster_of() -> None:
    assert range_tags("a", *days(1, 3)) == {
        "dagster/asset_partition_range_start": "a|2026-11-01",
        "dagster/asset_partition_range_end": "a|2026-11-03",
        "lorgnette/cluster": "a",
    }


def test_the_same_day_needs_no_mapping() -> None:
    assert mapping(Input("audit_events")) is None


@pytest.mark.parametrize(
    ("first_hour", "last_hour", "offsets"), [(0, 1, (0, 1)), (-24, 24, (-1, 1)), (-168, 2, (-7, 1)), (-1, 0, (-1, 0)), (-25, 25, (-2, 2))]
)
def test_hours_of_a_window_become_days(first_hour: int, last_hour: int, offsets: tuple[int, int]) -> None:
    found = mapping(Input("pods", first_hour, last_hour))
    assert isinstance(found, dg.MultiPartitionMapping)
    window = found.downstream_mappings_by_upstream_dimension["day"].partition_mapping
    assert isinstance(window, dg.TimeWindowPartitionMapping)
    assert (window.start_offset, window.end_offset) == offsets


def upstream(table: str, of: str, day: date) -> list[str]:
    """The keys of a table that a day of another one reads, as Dagster resolves them."""
    instance = dg.DagsterInstance.ephemeral()
    instance.add_dynamic_partitions(CLUSTERS_NAME, ["a", "b"])
    node = build_defs().resolve_asset_graph().get(dg.AssetKey(of))
    found = node.partition_mappings[dg.AssetKey(table)].get_upstream_mapped_partitions_result_for_partitions(
        node.partitions_def.empty_subset().with_partition_keys([key("a", day)]),
        node.partitions_def,
        node.partitions_def,
        dynamic_partitions_store=instance,
    )
    return sorted(str(each) for each in found.partitions_subset.get_partition_keys())


def test_a_day_of_deliveries_reads_the_facts_of_the_day_before_and_after_of_its_own_cluster() -> None:
    assert upstream("hyper_events", "deliveries", date(2026, 11, 20)) == ["a|2026-11-19", "a|2026-11-20", "a|2026-11-21"]


def test_the_first_and_the_last_day_read_what_there_is() -> None:
    today = datetime.now(UTC).date()
    assert upstream("hyper_events", "deliveries", today) == [f"a|{today - timedelta(days=1)}", f"a|{today}"]
    assert upstream("hyper_events", "deliveries", date.fromisoformat(FIRST_DAY)) == ["a|2026-11-16", "a|2026-11-17"]


def ranges(*keys: str) -> list[tuple[str, str]]:
    """How Dagster cuts keys into runs that go side by side."""
    definition = partitions(date(2026, 11, 1))
    with dg.DagsterInstance.ephemeral() as instance, partition_loading_context(dynamic_partitions_store=instance):
        instance.add_dynamic_partitions(CLUSTERS_NAME, ["a", "b", "c"])
        found = definition.subset_with_partition_keys(keys).get_partition_key_ranges(definition)
        return sorted((str(each.start), str(each.end)) for each in found)


def test_a_backfill_that_fits_into_one_run_is_never_cut_between_the_days_of_a_cluster() -> None:
    all_keys = [str(key(cluster, day)) for cluster in "abc" for day in days(1, 2, 3)]
    limit = BACKFILL_POLICY.max_partitions_per_run or 0
    for chosen in (each for size in range(1, limit) for each in combinations(all_keys, size)):
        neighbours = [span for span in spans(chosen) if len(span.days) > 1]
        for span in neighbours:
            assert (str(key(span.cluster, span.days[0])), str(key(span.cluster, span.days[-1]))) in ranges(*chosen)


def test_a_larger_one_would_be_cut_by_days() -> None:
    assert ranges("a|2026-11-01", "a|2026-11-02", "b|2026-11-01", "b|2026-11-02") == [
        ("a|2026-11-01", "b|2026-11-01"),
        ("a|2026-11-02", "b|2026-11-02"),
    ]


def test_a_step_builds_what_shares_stages_and_leaves_out_what_reads_its_other_days() -> None:
    found = steps(load())
    assert sorted(name for step in found for name in step) == sorted(load().tables())
    together = next(step for step in found if "deliveries" in step)
    assert {"diagnoses", "verdicts", "phases"} <= set(together)
    assert "hyper_events" not in together
    assert next(step for step in found if "slo_daily" in step) == ["slo_daily"]


def test_a_change_reaches_as_many_days_as_the_windows_add_up_to() -> None:
    before, after = days_touched(load())
    # Rollouts look 24 h ahead into deliveries, these as far into facts that look an hour ahead themselves; facts look back a week into pods, which look back a week.
    assert before == 3
    assert after >= 14
