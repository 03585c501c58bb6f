"""Which API server wrote a log, as far as the log's path tells.

Each API server has a clock of its own, and logs what it served itself; the files that its log was rotated into are one log. Not here: what
wrappers say of each line (`sql/ingest`), which goes before this, and what is made of it (`sql/quality`).
"""

from __future__ import annotations

import re

# The stream of EKS, which is a folder in exports to S3.
_STREAM = re.compile(r"kube-apiserver-audit-[0-9a-f]{8,}")
# /var/log/pods/<namespace>_<pod>_<uid>/…, and /var/log/containers/<pod>_<namespace>_….
_POD = re.compile(r"(?:[a-z0-9-]+_)?(?P<pod>kube-apiserver-[a-z0-9.-]+)_[a-z0-9_.-]+")
# A must-gather's audit_logs/<component>/<node>-audit….
_GATHERED = re.compile(r"(?:^|/)audit_logs/[a-z-]+/(?P<node>[^/]+?)-audit(?=[.-])[^/]*$")
_COMPRESSED = re.compile(r"\.(?:gz|zst|xz|bz2)$")
# As the API server, logrotate and the kubelet rotate: a time, or a number after the ending.
_TIME = r"\d{4}-?\d\d-?\d\d(?:[T_-]?\d\d[-:.]?\d\d(?:[-:.]?\d\d(?:\.\d+)?)?Z?)?"
_ROTATION = re.compile(rf"[-_.]{_TIME}(?=\.[A-Za-z]+$|$)|(?<=\.log)\.\d{{1,4}}$|(?<=\.log)[-.]\d{{10}}$")
_DATE = re.compile(r"\d{4}|\d\d|\d{4}-?\d\d-?\d\d|(?:y|m|d|h|year|month|day|hour|date|dt)=[\dT:-]+")


def server_of(uri: str) -> str:
    """The name of the API server: a pod's, a node's or a log stream's; else the path of the log without what rotation and dates put into it.

    Args:
        uri: Where the file is.
    """
    folder, _, name = uri.rpartition("/")
    for part in uri.split("/"):
        if _STREAM.fullmatch(part):
            return part
        if found := _POD.fullmatch(part):
            return found["pod"]
    if found := _GATHERED.search(uri):
        return found["node"]
    log = _ROTATION.sub("", _COMPRESSED.sub("", name))
    return "/".join([*(part for part in folder.split("/") if not _DATE.fullmatch(part)), log]) if folder else log
