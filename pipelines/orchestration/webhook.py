"""Telling people that a run failed: one POST of JSON to a URL of theirs.

No dagster in here. Not here: when it is called (`sensors`).
"""

from __future__ import annotations

import requests
from requests.adapters import HTTPAdapter
from urllib3 import Retry

WEBHOOK_VARIABLE = "LORGNETTE_WEBHOOK_URL"
_TIMEOUT_S = 10
_RETRY = Retry(total=3, backoff_factor=1.0, status_forcelist=(429, 500, 502, 503, 504), allowed_methods=None)


Message = dict[str, str | list[str]]


def post(url: str, message: Message, retry: Retry = _RETRY) -> None:
    """Send a message as JSON, again if the other side is busy.

    Raises:
        requests.RequestException: It was not taken.
    """
    with requests.Session() as session:
        for scheme in ("http://", "https://"):
            session.mount(scheme, HTTPAdapter(max_retries=retry))
        session.post(url, json=message, timeout=_TIMEOUT_S).raise_for_status()
