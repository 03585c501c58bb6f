"""One object explained, on the sample lake."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from pipelines.config import Settings
from pipelines.errors import LorgnetteError
from pipelines.reports.explain import Explained, ExplainedDelivery, Reference, explain

if TYPE_CHECKING:
    from pipelines.lake import Lake


def explained(lake: Lake, text: str, namespace: str | None = None, *, with_facts: bool = False) -> list[Explained]:
    return explain(lake, ["sample"], Reference.of(text, namespace), Settings(), with_facts=with_facts)


def created(found: Explained) -> ExplainedDelivery:
    return next(each for each in found.deliveries if each.delivery["kind"] == "pod_create")


def test_a_missing_secret_is_told_with_its_line_its_rule_and_what_to_do(sample_lake: Lake) -> None:
    (vault,) = explained(sample_lake, "pay/vault-0")
    delivery = created(vault)
    assert [(each.verdict["objective"], each.verdict["verdict"]) for each in delivery.verdicts] == [
        ("sig_startup", "FAIL"),
        ("platform", "FAIL"),
        ("wall", "FAIL"),
    ]
    wall = next(row for row in delivery.diagnoses if row["moment"] == "wall")
    assert (wall["error_code"], wall["error_detail"], wall["rule"], wall["frontier"]) == ("FailedMount", "SecretNotFound", "mount_secret", "node")
    assert (wall["evidence_operation"], wall["evidence_actor"]) == ("event:FailedMount", "kubelet")
    assert wall["uri"].endswith(".log.zst")
    assert wall["source_line"] > 0
    assert "vault-certs" in wall["message"]
    assert wall["advice"]


def test_the_sole_time_of_a_phase_is_never_more_than_its_time(sample_lake: Lake) -> None:
    (pod,) = explained(sample_lake, "data/reporter-0")
    delivery = created(pod)
    assert {row["phase"] for row in delivery.phases} >= {"schedule", "image_pull", "container_start"}
    for row in delivery.phases:
        assert 0 <= row["sole_s"] <= row["total_s"] + 1e-6, row
    schedule = next(row for row in delivery.phases if row["phase"] == "schedule")
    assert schedule["sole_s"] > 40
    assert schedule["usual_s"] < 1


def test_a_uid_and_a_delivery_id_name_one_object(sample_lake: Lake) -> None:
    (by_name,) = explained(sample_lake, "vault-0", "pay")
    assert by_name.uid is not None
    (by_uid,) = explained(sample_lake, by_name.uid)
    (by_id,) = explained(sample_lake, created(by_name).delivery["delivery_id"])
    assert by_uid == by_name
    assert created(by_id).delivery == created(by_name).delivery


def test_a_name_that_was_refused_too_gives_both_objects_oldest_first(sample_lake: Lake) -> None:
    found = explained(sample_lake, "shop/catalog-0")
    assert [each.uid is None for each in found] == [False, True]
    (refused,) = found[1].deliveries
    assert refused.delivery["error_code"] == "AlreadyExists"
    assert [change.name for each in refused.verdicts for change in each.changes] == ["AlreadyExists", "AlreadyExists"]


def test_all_that_is_known_comes_in_order_with_its_places(sample_lake: Lake) -> None:
    (pod,) = explained(sample_lake, "pay/vault-0", with_facts=True)
    assert len(pod.facts) > 10
    assert all(before["fact_at"] <= after["fact_at"] for before, after in pairwise(pod.facts))
    assert {"pod:create:accepted", "pod:bound", "event:FailedMount"} <= {fact["operation"] for fact in pod.facts}
    assert all(fact["uri"] and fact["source_line"] for fact in pod.facts)


def test_an_object_that_is_not_there_is_an_error_with_a_remedy(sample_lake: Lake) -> None:
    with pytest.raises(LorgnetteError, match="No delivery of shop/nobody") as caught:
        explained(sample_lake, "shop/nobody")
    assert "Check the name" in str(caught.value)


def test_a_claim_is_explained_apart_from_a_pod_of_its_name(sample_lake: Lake) -> None:
    (claim,) = explain(sample_lake, ["sample"], Reference.of("data/archive", kinds="pvc_"), Settings())
    assert [each.delivery["kind"] for each in claim.deliveries] == ["pvc_bind"]
    assert claim.deliveries[0].diagnoses[0]["error_code"] == "StorageClassNotFound"
    with pytest.raises(LorgnetteError, match="No delivery of data/archive is known"):
        explain(sample_lake, ["sample"], Reference.of("data/archive", kinds="pod_"), Settings())
