"""igzip inflates, orjson makes Python objects of each line, nothing is kept."""

from __future__ import annotations

import sys

import orjson

from bench.engines.inflated import line_blocks


def main() -> None:
    """Parses SOURCE."""
    lines = 0
    for block in line_blocks(sys.argv[1]):
        for line in block:
            orjson.loads(line)
        lines += len(block)
    print(lines)


if __name__ == "__main__":
    main()
