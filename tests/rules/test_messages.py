"""What the kubelet, the scheduler and the runtimes say, Kubernetes 1.20 to 1.36, each in its code: the built-in rules by example.

The texts are matched by shape, since they change with every release. Not here: which evidence decides (`tests/sql/diagnoses.yaml`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import duckdb

_QUERY = """
select yields.error_code, nullif(coalesce(diagnosis_extract(yields.rule, $message::varchar), fill_template(yields.detail, $subject, null, $reason, $code)), '')
from diagnosis_yields as yields
where yields.rule = diagnosis_rule($operation::varchar, $subject::varchar, $detail::varchar, $reason::varchar, $message::varchar, $code::bigint, null)
"""


def _told(
    con: duckdb.DuckDBPyConnection, operation: str, message: str | None, reason: str | None = None, code: int | None = None, detail: str | None = None
) -> tuple[str | None, str | None] | None:
    """The error code and its detail; None if no rule has a word for it."""
    given = {"operation": operation, "subject": "app", "detail": detail, "reason": reason, "message": message, "code": code}
    rows: list[tuple[str | None, str | None]] = con.execute(_QUERY, given).fetchall()
    return rows[0] if rows else None


_CONTAINERD = 'rpc error: code = Unknown desc = failed to pull and unpack image "docker.io/library/shop:9": failed to resolve reference "docker.io/library/shop:9": '


@pytest.mark.parametrize(
    ("message", "error_code", "detail"),
    [
        # containerd
        (f"{_CONTAINERD}docker.io/library/shop:9: not found", "ImageNotFound", "shop:9"),
        (f"{_CONTAINERD}unexpected status code [manifests 9]: 502 Bad Gateway", "RegistryUnavailable", "502 Bad Gateway"),
        ("initializing source docker://shop:9: reading manifest 9 in docker.io/library/shop: requested access to the resource is denied", "ImagePullAccessDenied", "shop:9"),
        ('rpc error: code = Unknown desc = Error response from daemon: Get "https://reg.example/v2/": net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)', "RegistryUnavailable", None),
        (f"{_CONTAINERD}pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed", "ImagePullAccessDenied", "shop:9"),
        (f"{_CONTAINERD}failed to authorize: failed to fetch anonymous token: unexpected status: 401 Unauthorized", "ImagePullAccessDenied", "shop:9"),
        (f"{_CONTAINERD}unexpected status from HEAD request to https://reg.example/v2/shop/manifests/9: 403 Forbidden", "ImagePullAccessDenied", "shop:9"),
        (f"{_CONTAINERD}unexpected status from HEAD request to https://reg.example/v2/shop/manifests/9: 503 Service Unavailable", "RegistryUnavailable", "503 Service Unavailable"),
        (f'{_CONTAINERD}failed to do request: Head "https://reg.example/v2/shop/manifests/9": dial tcp: lookup reg.example on 10.0.0.10:53: no such host', "RegistryUnavailable", "no such host"),
        (f'{_CONTAINERD}failed to do request: Head "https://reg.example/v2/shop/manifests/9": dial tcp 10.0.0.9:443: i/o timeout', "RegistryUnavailable", "i/o timeout"),
        (f'{_CONTAINERD}failed to do request: Head "https://reg.example/v2/shop/manifests/9": net/http: TLS handshake timeout', "RegistryUnavailable", "TLS handshake timeout"),
        (f'{_CONTAINERD}failed to do request: Head "https://reg.example/v2/shop/manifests/9": EOF', "RegistryUnavailable", None),
        ("failed to copy: httpReadSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/x: 429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit.", "RegistryUnavailable", "Too Many Requests"),
        ("rpc error: code = Unknown desc = failed to extract layer sha256:0: unexpected media type", "FailedPullImage", "shop:9"),
        ("rpc error: code = Canceled desc = context canceled", "FailedPullImage", "shop:9"),
        ("no match for platform in manifest: not found", "ImageNotFound", "shop:9"),
        # CRI-O
        ("rpc error: code = Unknown desc = reading manifest 9 in docker.io/library/shop: manifest unknown: manifest unknown", "ImageNotFound", "shop:9"),
        ("rpc error: code = Unknown desc = reading manifest 9 in quay.io/x/shop: unauthorized: access to the requested resource is not authorized", "ImagePullAccessDenied", "shop:9"),
        ('rpc error: code = Unknown desc = pinging container registry reg.example: Get "https://reg.example/v2/": dial tcp 10.0.0.9:443: connect: connection refused', "RegistryUnavailable", "connection refused"),
        # docker
        ("rpc error: code = Unknown desc = Error response from daemon: manifest for shop:9 not found: manifest unknown: manifest unknown", "ImageNotFound", "shop:9"),
        ("rpc error: code = Unknown desc = Error response from daemon: pull access denied for shop, repository does not exist or may require 'docker login': denied: requested access to the resource is denied", "ImagePullAccessDenied", "shop:9"),
        ('rpc error: code = Unknown desc = Error response from daemon: Get "https://reg.example/v2/": no basic auth credentials', "ImagePullAccessDenied", "shop:9"),
    ],
)  # fmt: skip
def test_a_failed_pull_by_the_runtime_that_tells_it(con: duckdb.DuckDBPyConnection, message: str, error_code: str, detail: str | None) -> None:
    assert _told(con, "event:Failed", f'Failed to pull image "shop:9": {message}', "Failed") == (error_code, detail)
    # Since 1.31 the kubelet repeats the pull's error in the back-off and in the container's status.
    repeated = _told(con, "event:BackOff", f'Back-off pulling image "shop:9": ErrImagePull: {message}', "BackOff")
    assert repeated is not None
    assert repeated[0] == error_code
    waiting = _told(con, "container:waiting", message, "ErrImagePull")
    assert waiting is not None
    assert waiting[0] == error_code


@pytest.mark.parametrize(
    ("operation", "message", "reason"),
    [
        ("event:BackOff", 'Back-off pulling image "shop:9"', "BackOff"),
        ("event:Failed", "Error: ErrImagePull", "Failed"),
        ("event:Failed", "Error: ImagePullBackOff", "Failed"),
        ("container:waiting", 'Back-off pulling image "shop:9"', "ImagePullBackOff"),
        ("container:waiting", None, "ContainerCreating"),
        ("container:waiting", None, "PodInitializing"),
        ("condition:Ready:false", "containers with unready status: [app]", "ContainersNotReady"),
        ("event:Killing", "Stopping container app", "Killing"),
        ("event:TaintManagerEviction", "Cancelling deletion of Pod shop/web", "TaintManagerEviction"),
        ("event:Pulled", 'Container image "shop:9" already present on machine', "Pulled"),
        ("container:terminated", None, "ContainerStatusUnknown"),
    ],
)
def test_a_state_is_no_cause(con: duckdb.DuckDBPyConnection, operation: str, message: str | None, reason: str) -> None:
    code = 137 if operation == "container:terminated" else None
    assert _told(con, operation, message, reason, code) is None


@pytest.mark.parametrize("kind", ["Readiness", "Liveness", "Startup"])
def test_a_probe_that_could_not_be_run_is_none(con: duckdb.DuckDBPyConnection, kind: str) -> None:
    told = _told(con, "event:Unhealthy", f"{kind} probe errored: rpc error: code = NotFound desc = failed to exec in container", "Unhealthy")
    assert told is None or told[0] is None
    assert _told(con, "event:Unhealthy", f"{kind} probe failed: OCI runtime exec failed: exit code 1", "Unhealthy") == (f"{kind}ProbeFailed", "app")


@pytest.mark.parametrize(
    ("operation", "reason", "message", "error_code", "detail"),
    [
        # The name of the container came into the text with 1.27, and went into quotes or away since.
        ("event:BackOff", "BackOff", "Back-off restarting failed container", "CrashLoopBackOff", "app"),
        ("event:BackOff", "BackOff", "Back-off restarting failed container app in pod web_shop(u)", "CrashLoopBackOff", "app"),
        ("container:waiting", "CrashLoopBackOff", "back-off 10s restarting failed container=app pod=web_shop(u)", "CrashLoopBackOff", "app"),
        ("container:waiting", "CreateContainerConfigError", 'secret "keys" not found', "CreateContainerConfigError", "SecretNotFound"),
        ("container:waiting", "CreateContainerConfigError", "couldn't find key token in Secret shop/keys", "CreateContainerConfigError", "SecretNotFound"),
        ("event:Failed", "Failed", 'Error: configmap "conf" not found', "CreateContainerConfigError", "ConfigMapNotFound"),
        ("event:Failed", "Failed", "Error: couldn't find key a in ConfigMap shop/conf", "CreateContainerConfigError", "ConfigMapNotFound"),
        ("event:Failed", "Failed", 'Error: container has runAsNonRoot and image has non-numeric user (nobody), cannot verify user is non-root (pod: "web_shop(u)", container: app)', "CreateContainerConfigError", "RunAsNonRoot"),
        ("container:waiting", "CreateContainerConfigError", "something new", "CreateContainerConfigError", None),
        ("container:waiting", "CreateContainerError", "context deadline exceeded", "CreateContainerError", "Timeout"),
        ("event:Failed", "Failed", "Error: context deadline exceeded", "CreateContainerError", "Timeout"),
        ("event:Failed", "Failed", 'Error: Error response from daemon: Conflict. The container name "/k8s_app" is already in use', "CreateContainerError", None),
        ("event:Failed", "Failed", 'Error: failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "shopd": executable file not found in $PATH: unknown', "RunContainerError", "shopd"),
        ("event:Failed", "Failed", 'Error: failed to start container "app": Error response from daemon: OCI runtime create failed: container_linux.go:380: starting container process caused: exec: "shopd": permission denied: unknown', "RunContainerError", "shopd"),
        ("event:Failed", "Failed", 'Error: container create failed: time="2026-11-23T07:00:00Z" level=error msg="runc create failed: unable to start container process: exec: \\"shopd\\": stat shopd: no such file or directory"', "CreateContainerError", "shopd"),
        ("container:terminated", "StartError", 'failed to create containerd task: OCI runtime create failed: exec: "shopd": executable file not found in $PATH: unknown', "RunContainerError", "shopd"),
        ("container:terminated", "ContainerCannotRun", 'OCI runtime create failed: starting container process caused: exec: "shopd": permission denied', "RunContainerError", "shopd"),
        ("event:Killing", "Killing", "Container app failed liveness probe, will be restarted", "LivenessProbeFailed", "app"),
        ("event:Killing", "Killing", "Container app failed startup probe, will be restarted", "StartupProbeFailed", "app"),
        ("event:Killing", "Killing", "FailedPostStartHook", "FailedPostStartHook", "app"),
        ("condition:Ready:false", "ReadinessGatesNotReady", 'the status of pod readiness gate "example.com/lb" is not "True", but False', "ReadinessGateNotReady", "example.com/lb"),
    ],
)  # fmt: skip
def test_what_the_kubelet_says_of_a_container(
    con: duckdb.DuckDBPyConnection, operation: str, reason: str, message: str, error_code: str, detail: str | None
) -> None:
    assert _told(con, operation, message, reason, 128 if operation == "container:terminated" else None) == (error_code, detail)


@pytest.mark.parametrize(
    ("message", "error_code", "detail"),
    [
        # containerd to 1.5, since 1.6, CRI-O, docker
        ('Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "x": failed to find plugin "calico" in path [/opt/cni/bin]', "FailedSetNetwork", None),
        ('Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "x": plugin type="cilium-cni" failed (add): unable to connect to Cilium daemon', "FailedSetNetwork", "cilium-cni"),
        ('Failed to create pod sandbox: rpc error: code = Unknown desc = failed to create pod network sandbox k8s_web_shop_u_0(x): error adding pod shop_web to CNI network "multus": no route', "FailedSetNetwork", None),
        ('Failed to create pod sandbox: rpc error: code = Unknown desc = failed to set up sandbox container "x" network for pod "web": networkPlugin cni failed to set up pod "web_shop" network: open /run/flannel/subnet.env: no such file or directory', "FailedSetNetwork", None),
        ('Failed create pod sandbox: rpc error: code = Unknown desc = failed to set up sandbox container "x" network for pod "web": networkPlugin cni failed to set up pod "web_shop" network: add cmd: failed to assign an IP address to container', "FailedAllocateIP", None),
        ('Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "x": plugin type="aws-cni" name="aws-cni" failed (add): add cmd: failed to assign an IP address to container', "FailedAllocateIP", None),
        ('Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "x": plugin type="cilium-cni" failed (add): Unable to allocate IP via local cilium agent: [POST /ipam][502] postIpamFailure  "No more IPs available"', "FailedAllocateIP", None),
        ("Failed to create pod sandbox: rpc error: code = DeadlineExceeded desc = context deadline exceeded", "CreatePodSandBoxTimeout", None),
        ("Failed to create pod sandbox: rpc error: code = Unknown desc = failed to create containerd task: failed to create shim task: write /run/x: no space left on device", "NoDiskSpace", None),
        ('Failed to create pod sandbox: rpc error: code = Unknown desc = failed to get sandbox image "registry.k8s.io/pause:3.9": failed to pull image', "FailedCreatePodSandBox", None),
    ],
)  # fmt: skip
def test_what_the_runtimes_say_of_a_sandbox(con: duckdb.DuckDBPyConnection, message: str, error_code: str, detail: str | None) -> None:
    assert _told(con, "event:FailedCreatePodSandBox", message, "FailedCreatePodSandBox") == (error_code, detail)


@pytest.mark.parametrize(
    ("reason", "message", "detail"),
    [
        ("OutOfcpu", "Pod Node didn't have enough resource: cpu, requested: 2000, used: 3000, capacity: 4000", "OutOfcpu"),
        ("OutOfmemory", "Pod was rejected: Node didn't have enough resource: memory, requested: 1, used: 2, capacity: 2", "OutOfmemory"),
        ("OutOfpods", "Pod was rejected: Node didn't have enough resource: pods, requested: 1, used: 110, capacity: 110", "OutOfpods"),
        ("OutOfexample.com/gpu", "Pod was rejected: Node didn't have enough resource: example.com/gpu", "OutOfexample.com/gpu"),
        ("NodeAffinity", "Pod Predicate NodeAffinity failed", "NodeAffinity"),
        ("UnexpectedAdmissionError", "Pod Allocate failed due to requested number of devices unavailable for example.com/gpu. Requested: 1, Available: 0, which is unexpected", "DeviceUnavailable"),
        ("UnexpectedAdmissionError", "Pod was rejected: Allocate failed due to can't allocate unhealthy devices example.com/gpu, which is unexpected", "DeviceUnavailable"),
        ("UnexpectedAdmissionError", "Pod was rejected: not enough cpus available to satisfy request, which is unexpected", "UnexpectedAdmissionError"),
    ],
)  # fmt: skip
def test_a_pod_that_the_kubelet_does_not_admit(con: duckdb.DuckDBPyConnection, reason: str, message: str, detail: str) -> None:
    assert _told(con, "pod:phase:Failed", message, reason) == ("NodeAdmissionRejected", detail)


@pytest.mark.parametrize(
    ("reason", "message", "detail"),
    [
        ("Evicted", "The node was low on resource: memory. Container app was using 900Mi, which exceeds its request of 0.", "MemoryPressure"),
        ("Evicted", "The node was low on resource: memory. Threshold quantity: 100Mi, available: 90Mi. Container app was using 900Mi, request is 0, has larger consumption of memory.", "MemoryPressure"),
        ("Evicted", "The node was low on resource: ephemeral-storage. Threshold quantity: 1Gi, available: 900Mi. Container app was using 5Gi, request is 0, has larger consumption of ephemeral-storage.", "DiskPressure"),
        ("Evicted", "The node was low on resource: inodes.", "DiskPressure"),
        ("Evicted", "The node had condition: [DiskPressure].", "DiskPressure"),
        ("Evicted", "The node had condition: [MemoryPressure].", "MemoryPressure"),
        ("Evicted", "Pod ephemeral local storage usage exceeds the total limit of containers 1Gi.", "EphemeralStorage"),
        ("Evicted", 'Container app exceeded its local ephemeral storage limit "1Gi".', "EphemeralStorage"),
        ("Evicted", 'Usage of EmptyDir volume "cache" exceeds the limit "1Gi".', "EmptyDirLimit"),
        ("Evicted", "The node was low on resource: pids.", "PIDPressure"),
        ("NodeShutdown", "Pod was rejected: Pod was rejected as the node is shutting down.", "NodeShutdown"),
        ("Terminated", "Pod was terminated in response to imminent node shutdown.", "NodeShutdown"),
    ],
)  # fmt: skip
def test_a_pod_that_the_kubelet_evicts(con: duckdb.DuckDBPyConnection, reason: str, message: str, detail: str | None) -> None:
    assert _told(con, "pod:phase:Failed", message, reason) == ("Evicted", detail)
