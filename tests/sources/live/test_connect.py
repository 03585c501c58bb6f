"""Contexts, certificates and who asks."""

from __future__ import annotations

import ssl
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pipelines.config import Live
from pipelines.errors import ConfigError
from pipelines.sources.live import Api, ApiFailureError, Clock, connect
from tests.sources.live.api_server import ApiServer, status
from tests.sources.live.conftest import fill
from tests.sources.live.objects import frame, pod

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sources.live.conftest import Collect


def make_certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate of 127.0.0.1 that is its own authority, and a server's context with it."""
    from ipaddress import ip_address

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kube-ca")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - timedelta(1), now + timedelta(1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, key_pem = folder / "ca.crt", folder / "key.pem"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_pem.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key_pem)
    return pem, context


def test_lists_and_watches_go_over_tls_with_the_kubeconfigs_authority_and_token(tmp_path: Path, collect: Collect) -> None:
    pem, context = make_certificate(tmp_path)
    with ApiServer(token="a-token", tls=context) as server:  # noqa: S106 - a test's
        fill(server)
        server.frames["pods"] = [frame("MODIFIED", pod("web-0", 10, 1001))]
        (own := tmp_path / "own").mkdir()
        kubeconfig = server.kubeconfig(own, **{"certificate-authority-data": b64encode(pem.read_bytes()).decode()})
        collected = collect(server, kubeconfig=kubeconfig, watch_s=60, until=lambda now: len(now.frames) == 6)
        assert collected.told["pods"].problem is None
        assert collected.seconds < 10


def test_an_authority_that_is_not_known_is_not_trusted(tmp_path: Path) -> None:
    _, context = make_certificate(tmp_path)
    with ApiServer(tls=context) as server:
        api = Api(connect(Live(kubeconfig=server.kubeconfig(tmp_path)), 1), Clock())
        with pytest.raises(ApiFailureError, match="CERTIFICATE_VERIFY_FAILED") as caught:
            api.version()
        assert caught.value.code is None


def test_a_context_is_chosen_by_name(tmp_path: Path) -> None:
    with ApiServer() as server:
        path = server.kubeconfig(tmp_path, context="prod-eu")
        assert Api(connect(Live(kubeconfig=path, context="prod-eu"), 1), Clock()).version() == "v1.36.2"
        with pytest.raises(ConfigError, match="no context prod-us") as caught:
            connect(Live(kubeconfig=path, context="prod-us"), 1)
        assert caught.value.remedy == "It has prod-eu."


def test_the_environment_names_the_kubeconfig_if_nothing_else_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ApiServer() as server:
        monkeypatch.setenv("KUBECONFIG", f"{tmp_path}/none:{server.kubeconfig(tmp_path)}")
        assert Api(connect(Live(), 1), Clock()).url == server.url


@pytest.mark.parametrize("text", [None, "", "a: [", "kind: Config", "current-context: a\ncontexts: []\nclusters: []\n", "- 1\n"])
def test_a_kubeconfig_that_cannot_be_used_is_an_error_with_a_remedy(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "kubeconfig"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        connect(Live(kubeconfig=path), 1)
    assert (caught.value.where, bool(caught.value.remedy)) == (str(path), True)


def test_in_a_pod_the_service_account_is_used_and_its_absence_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KUBECONFIG", raising=False)
    with pytest.raises(ConfigError, match="no kubeconfig"):
        connect(Live(), 1)
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    with pytest.raises(ConfigError, match="service account cannot be used"):
        connect(Live(), 1)


def test_in_a_pod_the_service_accounts_token_and_authority_are_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pem, context = make_certificate(tmp_path)
    (token := tmp_path / "token").write_text("of-the-pod", encoding="utf-8")
    monkeypatch.setattr("kubernetes.config.incluster_config.SERVICE_TOKEN_FILENAME", str(token))
    monkeypatch.setattr("kubernetes.config.incluster_config.SERVICE_CERT_FILENAME", str(pem))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KUBECONFIG", raising=False)
    with ApiServer(tls=context) as server:
        monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
        monkeypatch.setenv("KUBERNETES_SERVICE_PORT", str(server.server_port))
        assert Api(connect(Live(), 1), Clock()).version() == "v1.36.2"
        assert {name.lower(): value for name, value in server.requests[0].headers.items()}["authorization"] == "bearer of-the-pod"


def test_a_server_without_a_version_is_one_all_the_same(tmp_path: Path) -> None:
    with ApiServer() as server:
        server.script("/version/", status(403, "forbidden"))
        assert Api(connect(Live(kubeconfig=server.kubeconfig(tmp_path)), 1), Clock()).version() == ""


def test_requests_say_who_asks(server: ApiServer, collect: Collect) -> None:
    collect(server)
    assert {request.headers["User-Agent"].partition("/")[0] for request in server.requests} == {"lorgnette"}
    assert {request.headers["Accept"] for request in server.requests} == {"application/json"}
