"""igzip inflates, simdjson parses each line, nothing is kept: what no reader of JSON can do without."""

from __future__ import annotations

import sys

import simdjson

from bench.engines.inflated import line_blocks


def main() -> None:
    """Parses SOURCE."""
    parser = simdjson.Parser()
    lines = 0
    for block in line_blocks(sys.argv[1]):
        for line in block:
            parser.parse(line)
        lines += len(block)
    print(lines)


if __name__ == "__main__":
    main()
