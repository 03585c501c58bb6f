"""Who may see what, end to end: tokens made by the command line, sent over real HTTP."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.serving.http.running import lorgnette, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

    from pipelines.lake import Lake
    from tests.serving.http.running import Running

API = "/api/v1"
TOKENS = {
    "all": ("--bodies",),
    "late": ("--cluster", "late", "--bodies"),
    "edge": ("--namespace", "edge", "--cluster", "sample"),
    "no-bodies": (),
    "revoked": (),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("access")


@pytest.fixture(scope="module")
def tokens(folder: Path) -> dict[str, str]:
    made = {}
    for name, options in TOKENS.items():
        done = lorgnette("tokens", "add", name, *options, "--tokens", str(folder / "tokens.json"))
        assert done.returncode == 0, done.stderr
        made[name] = done.stdout.strip()
    return made


@pytest.fixture(scope="module")
def guarded(folder: Path, sample_lake: Lake, tokens: dict[str, str]) -> Iterator[Running]:
    assert tokens
    with running(folder, sample_lake.url, "--host", "0.0.0.0") as found:  # noqa: S104 - with tokens it may
        found.url = found.url.replace("0.0.0.0", "127.0.0.1")  # noqa: S104
        yield found


def sql(client: httpx.Client, text: str) -> list[dict[str, Any]]:
    answer = client.post(f"{API}/sql", json={"sql": text})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["rows"]
    return found


def test_without_a_token_there_is_nothing(guarded: Running) -> None:
    for token in (None, "x", "lorgnette_wrong", "Bearer"):
        with guarded.client(token) as client:
            for path in ("clusters", "deliveries", "pod?uid=x", "slo"):
                answer = client.get(f"{API}/{path}")
                assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="lorgnette"')
            assert client.post(f"{API}/sql", json={"sql": "select 1"}).status_code == 401


def test_a_token_of_a_cluster_sees_that_cluster_only(guarded: Running, tokens: dict[str, str]) -> None:
    with guarded.client(tokens["late"]) as client:
        assert [row["cluster"] for row in client.get(f"{API}/clusters").json()["rows"]] == ["late"]
        assert {row["cluster"] for row in client.get(f"{API}/deliveries?limit=1000").json()["rows"]} == {"late"}
        assert client.get(f"{API}/deliveries?cluster=sample").status_code == 404
        assert sql(client, "select distinct cluster from deliveries") == [{"cluster": "late"}]
        assert sql(client, "select count(*) as n from audit_events where cluster = 'sample'") == [{"n": 0}]


def test_a_token_of_a_namespace_sees_that_namespace_only(guarded: Running, tokens: dict[str, str]) -> None:
    with guarded.client(tokens["edge"]) as client:
        found = client.get(f"{API}/deliveries?limit=1000").json()["rows"]
        assert {(row["cluster"], row["namespace"]) for row in found} == {("sample", "edge")}
        assert sql(client, "select distinct namespace from hyper_events") == [{"namespace": "edge"}]
        assert sql(client, "select distinct namespace from phases") == [{"namespace": "edge"}]
        series = client.get(f"{API}/slo").json()["rows"]
        assert {(row["scope"], row["scope_value"]) for row in series} == {("namespace", "edge")}
        assert [row.keys() for row in client.get(f"{API}/clusters").json()["rows"]] == [{"cluster", "first_at", "watermark_at"}]
    with guarded.client(tokens["all"]) as client:
        [other, *_] = sql(client, "select uid from deliveries where cluster = 'sample' and namespace = 'ml' and uid is not null")
    with guarded.client(tokens["edge"]) as client:
        assert client.get(f"{API}/pod", params=other).status_code == 404
        assert client.get(f"{API}/pod/timeline", params=other).status_code == 404


def test_no_page_and_no_endpoint_shows_what_a_scope_hides_even_if_somebody_else_just_asked_for_it(guarded: Running, tokens: dict[str, str]) -> None:
    with guarded.client(tokens["all"]) as everyone, guarded.client(tokens["edge"]) as scoped:
        known = sql(everyone, "select distinct cluster, namespace, name, uid from deliveries where uid is not null")
        own = {row["name"] for row in known if (row["cluster"], row["namespace"]) == ("sample", "edge")}
        hidden = [row for row in known if (row["cluster"], row["namespace"]) != ("sample", "edge") and row["name"] not in own]
        endpoints = everyone.get(f"{API}/openapi.json").json()["paths"]
        free = [path for path, of in endpoints.items() if "get" in of and not any(each.get("required") for each in of["get"].get("parameters", ()))]
        pages = [
            "/",
            "/slo",
            "/tail",
            "/phase?phase=schedule",
            "/errors",
            "/history",
            "/quality",
            f"/search?q={hidden[0]['name']}",
            f"/pod?uid={hidden[0]['uid']}",
        ]
        shown = 0
        for path in [*free, *pages]:
            warm, answer = everyone.get(path), scoped.get(path)
            assert answer.status_code in {200, 404}, path
            told = [
                row
                for row in hidden
                if (row["uid"] in answer.text and row["uid"] not in path)
                or f">{row['name']}<" in answer.text
                or f'"name":"{row["name"]}"' in answer.text
            ]
            assert told == [], path
            assert "late" not in re.findall(r"[a-z]+", re.sub(r"<style.*?</style>", "", answer.text)) or path == f"{API}/openapi.json", path
            shown += any(row["uid"] in warm.text for row in hidden)
        assert shown >= 3, "the other token sees them"


def test_bodies_are_a_right_of_their_own(guarded: Running, tokens: dict[str, str]) -> None:
    with guarded.client(tokens["no-bodies"]) as client:
        [pod, *_] = sql(client, "select uid from deliveries where uid is not null and kind = 'pod_create' and namespace = 'ml'")
        assert client.get(f"{API}/pod", params=pod).status_code == 200
        for path in ("pod/yaml", "pod/audit"):
            assert client.get(f"{API}/{path}", params=pod).status_code == 403
        assert sql(client, "select count(body) as bodies, count(*) > 0 as has_rows from objects") == [{"bodies": 0, "has_rows": True}]
        assert sql(client, "select count(request_body) + count(response_body) as bodies from audit_events") == [{"bodies": 0}]
    with guarded.client(tokens["all"]) as client:
        assert "kind: Pod" in client.get(f"{API}/pod/yaml", params=pod).text


def test_a_revoked_token_ends_at_once(guarded: Running, folder: Path, tokens: dict[str, str]) -> None:
    with guarded.client(tokens["revoked"]) as client:
        assert client.get(f"{API}/clusters").status_code == 200
        assert lorgnette("tokens", "revoke", "revoked", "--tokens", str(folder / "tokens.json")).returncode == 0
        assert client.get(f"{API}/clusters").status_code == 401


def test_the_file_holds_no_token_and_is_its_owners(folder: Path, tokens: dict[str, str]) -> None:
    path = folder / "tokens.json"
    assert path.stat().st_mode & 0o777 == 0o600
    text = path.read_text()
    assert all(token not in text for token in tokens.values())
    assert all(len(token) >= 43 for token in tokens.values())
    shown = lorgnette("tokens", "list", "--tokens", str(path), "-o", "json").stdout
    assert {row["name"] for row in json.loads(shown)} >= {"all", "late", "edge", "no-bodies"}
    assert "sha256" not in shown


def test_the_trail_says_who_asked_what_and_never_a_token(guarded: Running, tokens: dict[str, str]) -> None:
    question = "select count(*) as trail from deliveries"
    with guarded.client(tokens["all"]) as client:
        sql(client, question)
        client.get(f"{API}/deliveries", params={"name": tokens["all"], "limit": 3})
    text = guarded.journal.read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    [asked] = [line for line in lines if line["sql"] == question]
    assert (asked["who"], asked["status"], asked["rows"], asked["path"]) == ("all", 200, 1, "/api/v1/sql")
    assert asked["duration_s"] > 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", asked["at"])
    written = text + "".join(guarded.said)
    assert not [name for name, token in tokens.items() if token in written]


def test_who_asks_too_often_has_to_wait(tmp_path: Path, sample_lake: Lake) -> None:
    token = lorgnette("tokens", "add", "busy", "--tokens", str(tmp_path / "tokens.json")).stdout.strip()
    other = lorgnette("tokens", "add", "other", "--tokens", str(tmp_path / "tokens.json")).stdout.strip()
    with running(tmp_path, sample_lake.url, "--rate", "3") as server:
        with server.client(token) as client:
            answers = [client.get(f"{API}/clusters") for _ in range(5)]
        codes = [answer.status_code for answer in answers]
        # Windows begin with the clock's minutes: one that begins in between lets one request more pass.
        assert (codes[:3], codes[4]) == ([200, 200, 200], 429)
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
        with server.client(other) as client:
            assert client.get(f"{API}/clusters").status_code == 200


def test_other_addresses_need_tokens(tmp_path: Path, sample_lake: Lake) -> None:
    done = lorgnette("serve", "--lake", sample_lake.url, "--host", "0.0.0.0", "--port", "0", "--tokens", str(tmp_path / "none.json"))  # noqa: S104 - refused
    assert done.returncode == 2
    assert "loopback only" in done.stderr
    assert "lorgnette tokens add" in done.stderr


def test_a_file_that_is_not_understood_opens_nothing(tmp_path: Path, sample_lake: Lake) -> None:
    (tmp_path / "tokens.json").write_text('{"tokens": [{"name": "x"}]}')
    done = lorgnette("serve", "--lake", sample_lake.url, "--port", "0", "--tokens", str(tmp_path / "tokens.json"))
    assert done.returncode == 2
    assert "tokens.0" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["", "-x", "a b", "x" * 65])
def test_a_name_that_cannot_be_one_is_refused(tmp_path: Path, name: str) -> None:
    done = lorgnette("tokens", "add", "--tokens", str(tmp_path / "tokens.json"), "--", name)
    assert done.returncode == 1
    assert "cannot be the name of a token" in done.stderr


def test_there_is_one_token_of_a_name(tmp_path: Path) -> None:
    path = str(tmp_path / "tokens.json")
    assert lorgnette("tokens", "add", "x", "--tokens", path).returncode == 0
    assert "already" in lorgnette("tokens", "add", "x", "--tokens", path).stderr
    assert "There is no token y" in lorgnette("tokens", "revoke", "y", "--tokens", path).stderr


def test_wrong_tokens_of_an_address_are_held_up_and_right_ones_are_not(tmp_path: Path, sample_lake: Lake) -> None:
    token = lorgnette("tokens", "add", "right", "--tokens", str(tmp_path / "tokens.json")).stdout.strip()
    with running(tmp_path, sample_lake.url) as server:
        with server.client("lorgnette_wrong") as client:
            statuses = [client.get(f"{API}/clusters").status_code for _ in range(22)]
        assert statuses == [401] * 20 + [429] * 2
        with server.client(token) as client:
            assert client.get(f"{API}/clusters").status_code == 200
