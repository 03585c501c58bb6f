"""`lorgnette serve` and `lorgnette tokens`: the lake over HTTP, and who may ask.

Not here: what is served (`pipelines.serving.http`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.options import ConfigOption, FormatOption, LakeOption, settings_and_lake
from pipelines.cli.output import Format, err, show

app = typer.Typer(help="Who may ask the server: bearer tokens, of which only hashes are kept.", no_args_is_help=True)

TokensOption = Annotated[
    Path | None,
    typer.Option(
        "--tokens", envvar="LORGNETTE_TOKENS", help="The file of tokens. Default: lorgnette/tokens.json in the user's settings.", show_default=False
    ),
]
NameArgument = Annotated[str, typer.Argument(help="What the token is called, such as grafana.")]


def serve(
    lake: LakeOption = None,
    host: Annotated[str, typer.Option("--host", help="The address to listen on; another than loopback needs tokens.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="The port; 0 for any that is free.")] = 8080,
    tokens: TokensOption = None,
    journal: Annotated[
        Path | None, typer.Option("--journal", help="Where the trail of what was asked goes, as JSON lines. Default: stderr.", show_default=False)
    ] = None,
    rate: Annotated[int, typer.Option("--rate", min=1, help="Requests of one token, or of one address, in a minute.")] = 600,
    timeout_s: Annotated[float, typer.Option("--timeout", min=0.1, help="Seconds after which a query is stopped.")] = 30.0,
    workers: Annotated[int, typer.Option("--workers", min=1, max=64, help="Queries that run side by side.")] = 2,
    config: ConfigOption = None,
) -> None:
    """Serve the workspace pages and the HTTP API; the lake is only read."""
    from pipelines.lake import Lake, open_existing
    from pipelines.serving.http.serve import Options
    from pipelines.serving.http.serve import serve as run
    from pipelines.serving.http.tokens import default_path

    settings, url = settings_and_lake(config, lake)
    options = Options(host, port, tokens or default_path(), journal, rate, timeout_s, workers)
    open_existing(url).close()
    run(Lake.open(url, keeps_listings=True), settings, options, lambda text: err().print(text, markup=False, soft_wrap=True))


@app.command()
def add(
    name: NameArgument,
    cluster: Annotated[
        list[str] | None, typer.Option("--cluster", "-c", help="Only this cluster; may be given several times. Default: all.", show_default=False)
    ] = None,
    namespace: Annotated[
        list[str] | None, typer.Option("--namespace", "-n", help="Only this namespace; may be given several times. Default: all.", show_default=False)
    ] = None,
    bodies: Annotated[bool, typer.Option("--bodies", help="May read raw bodies too: objects as YAML, audit events.")] = False,  # noqa: FBT002 - a flag
    tokens: TokensOption = None,
) -> None:
    """Make a token and print it: the only time that it can be seen."""
    from pipelines.serving.http.tokens import TokenFile, default_path
    from pipelines.serving.scope import Scope

    file = TokenFile(tokens or default_path())
    scope = Scope(tuple(cluster) if cluster else None, tuple(namespace) if namespace else None, bodies)
    typer.echo(file.add(name, scope))
    err().print(f"Only its hash is kept, in {file.path}. Send it as: Authorization: Bearer <token>", markup=False, soft_wrap=True)


@app.command("list")
def listed(tokens: TokensOption = None, output: FormatOption = Format.TABLE) -> None:
    """List the tokens, and what each may see."""
    import pyarrow as pa

    from pipelines.serving.http.tokens import TokenFile, default_path

    texts = pa.list_(pa.string())
    schema = pa.schema(
        [
            ("name", pa.string()),
            ("clusters", texts),
            ("namespaces", texts),
            ("may_read_bodies", pa.bool_()),
            ("created_at", pa.timestamp("s", tz="UTC")),
        ]
    )
    rows = [token.model_dump(exclude={"sha256"}) for token in TokenFile(tokens or default_path()).tokens()]
    show(pa.Table.from_pylist(rows, schema), output)


@app.command()
def revoke(name: NameArgument, tokens: TokensOption = None) -> None:
    """Revoke a token; a server that runs knows at once."""
    from pipelines.serving.http.tokens import TokenFile, default_path

    TokenFile(tokens or default_path()).revoke(name)
    err().print(f"{name} is revoked.", markup=False)
