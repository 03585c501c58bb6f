"""The long tail: which phase makes the slowest deliveries slow. Starts where the report ends; run it with `marimo edit notebooks/long_tail.py`."""

import marimo

app = marimo.App(width="medium")


@app.cell
def lake():
    import os
    from pathlib import Path

    import duckdb
    import marimo as mo

    folder = Path(os.environ.get("LORGNETTE_LAKE", "lake"))
    con = duckdb.connect()
    con.execute("set timezone = 'UTC'")
    for table in ("deliveries", "phases", "verdicts", "hyper_events"):
        if (folder / table).is_dir():
            con.execute(f"create view {table} as select * from read_parquet('{folder}/{table}/**/*.parquet', hive_partitioning = false)")
    mo.md(f"# The long tail of `{folder}`")
    return con, mo


@app.cell
def slowest(con, mo):
    mo.md("## The slowest deliveries")
    deliveries = con.sql("""
        select cluster, namespace, name, node, total_s, platform_s, user_s, error_code
        from deliveries
        where kind = 'pod_create' and state = 'delivered'
        order by total_s desc, delivery_id
        limit 20
    """).pl()
    deliveries
    return (deliveries,)


@app.cell
def shares(con, mo):
    mo.md("## Where the slowest tenth spends its time, against the median half")
    phases = con.sql("""
        with ranked as (
            select delivery_id, percent_rank() over (partition by cluster order by total_s) as rank
            from deliveries
            where kind = 'pod_create' and state = 'delivered'
        ),
        grouped as (
            select delivery_id, case when rank >= 0.9 then 'tail' when rank between 0.25 and 0.75 then 'middle' end as part
            from ranked
        ),
        sizes as (
            select part, count(*) as deliveries from grouped where part is not null group by part
        )
        select phases.phase, sizes.part, round(sum(phases.duration_s) / any_value(sizes.deliveries), 3) as seconds_per_delivery
        from phases
        inner join grouped using (delivery_id)
        inner join sizes using (part)
        group by phases.phase, sizes.part
        order by phases.phase, sizes.part
    """).pl()
    phases.pivot(on="part", index="phase", values="seconds_per_delivery")
    return (phases,)


@app.cell
def one_pod(con, deliveries, mo):
    mo.md("## The slowest pod, step by step")
    timeline = con.sql(
        'select "at", operation, subject, reason, left(message, 100) as message from hyper_events where name = ? order by "at", operation limit 200',
        params=[deliveries["name"][0]],
    ).pl()
    timeline
    return (timeline,)


if __name__ == "__main__":
    app.run()
