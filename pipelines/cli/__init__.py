"""The command line: `lorgnette ingest | refresh | run | report | summary | explain | slo | sql | views | serve | mcp | status | rules | tokens`.

Here: `main`, which turns every error into one block on stderr and an exit code: 0 done, 1 error, 2 wrong use, 3 done but some input
could not be read, 130 interrupted. Not here: the commands (`commands`), and anything that computes.
"""

from __future__ import annotations

import atexit
import gc
import sys
from typing import NoReturn

from pipelines.errors import LorgnetteError

_INTERRUPTED = 130


def main() -> None:
    """Run the command line of this process."""
    from pipelines.cli.commands import app, switches

    # Python looks through all objects three times when it ends, for garbage that the end of the process frees as well: a tenth of a short command.
    atexit.register(gc.freeze)
    try:
        app()
    except LorgnetteError as error:
        _fail(error, error.exit_code, debug=switches.debug)
    except KeyboardInterrupt:
        _interrupted()
    except SystemExit as error:
        if error.code == _INTERRUPTED:
            _interrupted()
        raise
    except RuntimeError as error:
        # DuckDB takes a Ctrl-C that comes while it works as its own, and says so in these words.
        if str(error) == "Query interrupted":
            _interrupted()
        _unexpected(error, debug=switches.debug)
    except Exception as error:  # noqa: BLE001 - a fault of this program is still no reason to show a traceback unasked
        _unexpected(error, debug=switches.debug)


def _unexpected(error: Exception, *, debug: bool) -> NoReturn:
    explained = LorgnetteError(
        f"Unexpected {type(error).__name__}: {error}", remedy="Run it again with `lorgnette --debug ...` and report what it prints."
    )
    explained.__cause__ = error
    _fail(explained, 1, debug=debug)


def _fail(error: LorgnetteError, code: int, *, debug: bool) -> NoReturn:
    if debug:
        import traceback

        traceback.print_exception(error)
    else:
        # Written plainly: a message may hold what looks like markup.
        sys.stderr.write(f"Error: {error}\n")
    sys.exit(code)


def _interrupted() -> NoReturn:
    sys.stderr.write("\nInterrupted. What was committed stays; run the same command again and it carries on from there.\n")
    sys.exit(_INTERRUPTED)
