"""The command line as people use it: another process, real logs, what it prints and how it ends."""

from __future__ import annotations

import csv
import io
import json
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import duckdb
import pyarrow.parquet as pq
import pytest

from tests.command import COMMAND, environment
from tests.sample_lakes import SAMPLE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Lorgnette


def test_run_prints_what_a_person_wants_to_know(lake_path: Path) -> None:
    text = (lake_path.parent / "run.txt").read_text()
    for words in ("Deliveries", "pod_create", "Success rates", "Where the time goes", "Errors", "out.html", "lorgnette sql"):
        assert words in text


def test_a_second_run_finds_nothing_to_do(lake_path: Path, lorgnette: Lorgnette) -> None:
    done = lorgnette("run", str(SAMPLE), "-c", "sample", "--lake", str(lake_path))
    assert done.returncode == 0, done.stderr
    assert " 0 partitions built" in done.stderr


def test_sql_prints_csv_with_a_header(lake_path: Path, lorgnette: Lorgnette) -> None:
    query = (
        "select kind, count(*) as n, min(started_at) as first_at, any_value(images) as images from deliveries where kind = 'pod_create' group by kind"
    )
    done = lorgnette("sql", query, "--lake", str(lake_path), "-o", "csv")
    (row,) = csv.DictReader(io.StringIO(done.stdout))
    assert row["kind"] == "pod_create"
    assert int(row["n"]) > 80
    assert row["first_at"].startswith("2026-11-23T07:0")
    assert row["first_at"].endswith("Z")
    assert isinstance(json.loads(row["images"]), list)


def test_sql_prints_json_and_reads_stdin(lake_path: Path, lorgnette: Lorgnette) -> None:
    done = lorgnette("sql", "-", "--lake", str(lake_path), "-o", "json", stdin="select 1 as a, 'x' as b, null as c")
    assert json.loads(done.stdout) == [{"a": 1, "b": "x", "c": None}]


def test_sql_writes_parquet_to_a_pipe(lake_path: Path, tmp_path: Path) -> None:
    with (tmp_path / "out.parquet").open("wb") as file:
        command = [*COMMAND, "sql", "select 7 as a", "--lake", str(lake_path), "-o", "parquet"]
        subprocess.run(command, stdout=file, env=environment(), check=True, timeout=60)
    assert pq.read_table(tmp_path / "out.parquet").to_pylist() == [{"a": 7}]


def test_a_pipe_that_closes_early_is_no_traceback(lake_path: Path, tmp_path: Path) -> None:
    shell = f"{sys.executable} -c '{COMMAND[2]}' sql 'from range(2000000)' --lake {lake_path} -o csv | head -1"
    done = subprocess.run(["bash", "-c", shell], cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=60, check=True)  # noqa: S607 - our own command
    assert done.stdout == '"range"\n'
    assert "Traceback" not in done.stderr


def test_sql_without_a_query_lists_the_tables(lorgnette: Lorgnette) -> None:
    done = lorgnette("sql", "-o", "json")
    assert "hyper_events" in {row["table"] for row in json.loads(done.stdout)}


def test_status_says_what_there_is_and_that_nothing_is_stale(lake_path: Path, lorgnette: Lorgnette) -> None:
    rows = {row["table"]: row for row in json.loads(lorgnette("status", "--lake", str(lake_path), "-o", "json").stdout)}
    assert rows["deliveries"]["rows"] > 80
    assert {row["stale"] for row in rows.values()} == {0, None}
    assert "watermark_at" in lorgnette("status", "--lake", str(lake_path)).stdout


def test_summary_is_the_same_for_people_and_programs(lake_path: Path, lorgnette: Lorgnette) -> None:
    (cluster,) = json.loads(lorgnette("summary", "--lake", str(lake_path), "-o", "json").stdout)
    shown = lorgnette("summary", "--lake", str(lake_path)).stdout
    assert {kind["kind"] for kind in cluster["kinds"]} == {"pod_create", "pod_delete", "pod_upgrade", "pvc_bind"}
    assert cluster["cluster"] in shown
    assert all(str(kind["delivered"]) in shown for kind in cluster["kinds"])


def test_refresh_can_be_narrowed_and_forced(lake_path: Path, lorgnette: Lorgnette) -> None:
    options = ("--lake", str(lake_path), "--from", "2026-11-23T07:00Z", "--to", "2026-11-23T08:00Z", "-t", "pods", "--force", "-o", "json")
    (row,) = json.loads(lorgnette("refresh", *options).stdout)
    assert (row["table"], row["checked"], row["built"]) == ("pods", 1, 1)


def test_rules_can_be_listed(lorgnette: Lorgnette) -> None:
    rows = json.loads(lorgnette("rules", "list", "error_codes", "-o", "json").stdout)
    assert "FailedScheduling" in {row["name"] for row in rows}


def test_clean_removes_what_is_old_and_refresh_then_leaves_the_rest_alone(lorgnette: Lorgnette, tmp_path: Path) -> None:
    lorgnette("ingest", str(SAMPLE), "-c", "c")
    lorgnette("refresh", "-t", "pods")
    (tmp_path / "lorgnette.yaml").write_text("retention_days: 1\n")
    # The sample is as old as its dates say, whenever this runs.
    old = (datetime.now(UTC) - timedelta(days=1)).isoformat() > "2026-11-23T09"
    dry = json.loads(lorgnette("clean", "--dry-run", "-o", "json").stdout)
    assert bool(dry) == old
    assert json.loads(lorgnette("clean", "-o", "json").stdout) == dry
    assert json.loads(lorgnette("clean", "-o", "json").stdout) == []
    rows = json.loads(lorgnette("refresh", "-t", "pods", "-o", "json").stdout)
    assert {row["built"] for row in rows} == {0}


def test_input_that_cannot_be_read_is_exit_code_3_and_the_rest_is_in_the_lake(tmp_path: Path, lorgnette: Lorgnette) -> None:
    good = '{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"1","stage":"ResponseComplete","requestURI":"/","verb":"get","stageTimestamp":"2026-11-23T07:00:00.000000Z"}'
    (tmp_path / "audit.log").write_text(f"{good}\n{{broken\n")
    done = lorgnette("ingest", "audit.log", "-c", "c", "-o", "json")
    assert done.returncode == 3, done.stderr
    (source,) = json.loads(done.stdout)
    assert (source["lines"], source["kept"], source["quarantined"]) == (2, 1, 1)
    assert json.loads(lorgnette("sql", "select line, reason from quarantine", "-o", "json").stdout) == [{"line": 2, "reason": "not JSON"}]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("sql", "select 1", "--lake", "nowhere"), 1, ("no lake here yet", "where:", "remedy:")),
        (("sql", "drop table pods", "--lake", "LAKE"), 2, ("Only a statement that reads", "remedy:")),
        (("sql", "select 1 from podz", "--lake", "LAKE"), 2, ("no table podz", "Did you mean pods?")),
        (("status", "-c", "other", "--lake", "LAKE"), 1, ("no cluster other", "It has sample")),
        (("refresh", "-t", "nonsense", "--lake", "LAKE"), 2, ("No such derived table: nonsense",)),
        (("refresh", "--from", "yesterday", "--lake", "LAKE"), 2, ("no moment",)),
        (("ingest", "no-such-file.log", "-c", "c"), 1, ("remedy:",)),
        (("ingest", "README.md"), 2, ("Which cluster",)),
        (("ingest",), 2, ("nothing to read", "lorgnette.yaml")),
        (("summary", "-o", "csv", "--lake", "LAKE"), 2, ("several tables",)),
        (("rules", "list", "nonsense"), 2, ("no rule set nonsense",)),
        (("frobnicate",), 2, ("No such command",)),
        (("sql", "--config", "missing.yaml"), 2, ("missing.yaml", "remedy:")),
    ],
)
def test_an_error_is_one_block_with_a_remedy(
    lake_path: Path, lorgnette: Lorgnette, arguments: tuple[str, ...], code: int, words: tuple[str, ...]
) -> None:
    done = lorgnette(*(str(lake_path) if word == "LAKE" else word for word in arguments))
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert done.stderr == done.stderr.lstrip()
    for word in words:
        assert word in done.stderr


def test_debug_shows_the_traceback(lorgnette: Lorgnette) -> None:
    done = lorgnette("--debug", "sql", "select 1", "--lake", "nowhere")
    assert done.returncode == 1
    assert "Traceback" in done.stderr


def test_the_lake_may_come_from_the_environment_or_the_settings(
    lake_path: Path, tmp_path: Path, lorgnette: Lorgnette, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lorgnette.yaml").write_text(f"lake: {lake_path}\n")
    assert lorgnette("sql", "select 1 as a", "-o", "csv").stdout == '"a"\n1\n'
    (tmp_path / "lorgnette.yaml").unlink()
    monkeypatch.setenv("LORGNETTE_LAKE", str(lake_path))
    assert lorgnette("sql", "select 1 as a", "-o", "csv").stdout == '"a"\n1\n'


def test_an_interrupt_is_one_line_and_exit_code_130(lake_path: Path, tmp_path: Path) -> None:
    query = "select count(*) from range(100000000000) a where a.range % 7 = 3"
    process = subprocess.Popen([*COMMAND, "sql", query, "--lake", str(lake_path)], cwd=tmp_path, env=environment(), stderr=subprocess.PIPE, text=True)
    time.sleep(3)
    process.send_signal(signal.SIGINT)
    errors = process.communicate(timeout=30)[1]
    assert process.returncode == 130, errors
    assert "Interrupted. What was committed stays" in errors
    assert "Traceback" not in errors


def test_a_query_comes_from_a_file(lake_path: Path, lorgnette: Lorgnette, tmp_path: Path) -> None:
    (tmp_path / "query.sql").write_text("-- how many\nselect count(*) > 100 as many\nfrom deliveries;\n", encoding="utf-8")
    done = lorgnette("sql", "-f", "query.sql", "--lake", str(lake_path), "-o", "csv")
    assert (done.returncode, done.stdout) == (0, '"many"\ntrue\n'), done.stderr
    for wrong in (("-f", "none.sql"), ("-f", "query.sql", "select 1")):
        done = lorgnette("sql", *wrong, "--lake", str(lake_path))
        assert done.returncode in {1, 2}
        assert "Traceback" not in done.stderr


def test_views_are_written_for_any_duckdb(lake_path: Path, lorgnette: Lorgnette, tmp_path: Path) -> None:
    done = lorgnette("views", "--lake", str(lake_path))
    assert (done.returncode, done.stdout) == (0, "views.sql\n"), done.stderr
    with duckdb.connect() as con:
        con.execute((tmp_path / "views.sql").read_text(encoding="utf-8"))
        assert con.execute("select count(*) > 100 from deliveries where date = date '2026-11-23'").fetchall() == [(True,)]
    assert lorgnette("views", "--lake", str(lake_path), "--out", "none/views.sql").returncode == 1


@pytest.mark.parametrize("module", ["pipelines.cli", "pipelines.cli.commands", "pipelines.refresh", "pipelines.ingest", "pipelines.serving.door"])
def test_nothing_but_orchestration_imports_dagster(module: str, tmp_path: Path) -> None:
    code = f"import sys, {module}; sys.exit('dagster' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment(), check=False, timeout=60)
    assert done.returncode == 0


def test_explain_tells_a_person_why(lake_path: Path, lorgnette: Lorgnette) -> None:
    done = lorgnette("explain", "pod", "pay/vault-0", "--lake", str(lake_path))
    assert done.returncode == 0, done.stderr
    for words in (
        "FAIL",
        "FailedMount (SecretNotFound), fault user",
        "volume_mount",
        "vault-certs",
        ", line ",
        "rule mount_secret",
        "What would have changed",
    ):
        assert words in done.stdout


def test_explain_gives_programs_json(lake_path: Path, lorgnette: Lorgnette) -> None:
    done = lorgnette("explain", "pod", "vault-0", "-n", "pay", "--lake", str(lake_path), "-o", "json")
    (pod,) = json.loads(done.stdout)
    assert pod["deliveries"][0]["verdicts"][0]["verdict"]["verdict"] == "FAIL"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [(("node", "n1"), 2, "Ask about one of pod"), (("pod", "x/y"), 1, "No delivery of x/y"), (("pod", "x/y", "-o", "csv"), 2, "Use -o table")],
)
def test_explain_says_what_it_cannot_do(lake_path: Path, lorgnette: Lorgnette, arguments: tuple[str, ...], code: int, words: str) -> None:
    done = lorgnette("explain", *arguments, "--lake", str(lake_path))
    assert done.returncode == code
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_slo_shows_each_objective_over_its_window(lake_path: Path, lorgnette: Lorgnette) -> None:
    done = lorgnette("slo", "--lake", str(lake_path), "-o", "json")
    assert done.returncode == 0, done.stderr
    rows = {(row["kind"], row["objective"]): row for row in json.loads(done.stdout)}
    assert rows.keys() >= {("pod_create", "wall"), ("pod_create", "sig_startup"), ("api_call", "read")}
    assert rows["pod_create", "wall"]["from_at"] == "2026-11-01T00:00:00Z"
    text = lorgnette("slo", "--lake", str(lake_path), "-n", "ops").stdout
    assert "sample, namespace ops" in text
    assert "pod_create/wall" in text


def test_slo_asks_what_if(lake_path: Path, lorgnette: Lorgnette) -> None:
    question = ("slo", "--lake", str(lake_path), "--limit", "pod_create/wall=30s", "--limit", "pod_create/platform/typical=8s", "--target", "95%")
    text = lorgnette(*question).stdout
    assert "if 30 s" in text
    assert "if typical 8 s" in text
    assert "SUCCESS → FAIL" in text
    found = json.loads(lorgnette(*question, "-o", "json").stdout)
    assert [(each["kind"], each["objective"]) for each in found] == [("pod_create", "wall"), ("pod_create", "platform")]
    assert (found[0]["stored"]["target"], found[0]["what_if"]["target"]) == (0.99, 0.95)
    rows = list(csv.DictReader(io.StringIO(lorgnette(*question, "-o", "csv").stdout)))
    assert [row["case"] for row in rows] == ["stored", "what if"] * 2
    assert int(rows[1]["fail"]) == found[0]["what_if"]["fail"] > int(rows[0]["fail"])


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--limit", "pod_create/speed=1s"), 2, "There is no objective pod_create/speed"),
        (("--limit", "fast"), 2, "is no limit"),
        (("--limit", "pod_create/wall=9s", "--target", "much"), 2, "is no target"),
        (("--target", "99%"), 2, "--target goes with --limit"),
        (("--from", "2026-11-24", "--to", "2026-11-23"), 2, "There is no time"),
    ],
)
def test_slo_says_what_is_wrong(lake_path: Path, lorgnette: Lorgnette, arguments: tuple[str, ...], code: int, words: str) -> None:
    done = lorgnette("slo", "--lake", str(lake_path), *arguments)
    assert (done.returncode, words in done.stderr, "Traceback" in done.stderr) == (code, True, False), done.stderr


def test_objectives_come_and_go_as_openslo(tmp_path: Path, lorgnette: Lorgnette) -> None:
    written = lorgnette("slo", "--openslo").stdout
    assert written.startswith("---\napiVersion: openslo/v1")
    (tmp_path / "slos.yaml").write_text(written)
    (tmp_path / "lorgnette.yaml").write_text("objectives: slos.yaml\n")
    assert lorgnette("slo", "--openslo").stdout == written
    (tmp_path / "slos.yaml").write_text(written.replace("budgetingMethod: Occurrences", "budgetingMethod: RatioTimeslices"))
    done = lorgnette("slo", "--openslo")
    assert done.returncode == 2
    assert "RatioTimeslices averages" in done.stderr
    assert "slos.yaml, SLO pod-create-wall" in done.stderr
