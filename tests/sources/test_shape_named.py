"""A shape by its name: what is answered to a name that there is not."""

from __future__ import annotations

import pytest

from pipelines.errors import ConfigError
from pipelines.sources import shape_named


@pytest.mark.parametrize("own", ["ipam", "team/ipam", "team/ipam/leases"])
def test_an_unknown_shape_is_answered_with_those_that_are_known(own: str) -> None:
    with pytest.raises(ConfigError, match="There is no shape `telegram`") as caught:
        shape_named("telegram", {own: {}})
    alone, _, wrappers = str(caught.value.remedy).partition("; or, such as `")
    assert own in alone
    assert "one of " in wrappers
    assert "team" not in wrappers
