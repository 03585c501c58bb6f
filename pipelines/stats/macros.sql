-- How to read `phase_sketch_hourly`, in terms that any engine has.
-- Bucket i counts the samples in (γ^(i-1), γ^i] seconds with γ = 1.01/0.99; bucket -1000000 counts 0 s and less.
-- A bucket stands for 2γ^i/(γ+1), which is within 1 % of whatever it holds (DDSketch: Masson, Rim and Lee, VLDB 2019).
-- A percentile p of any sum of rows: add the counts per bucket, take the first bucket in order whose running count reaches ceil(n·p).

-- The duration in seconds that a bucket stands for.
create or replace macro sketch_value(bucket) as
    case when bucket > -1000000 then 2 * pow(1.01::double / 0.99, bucket) / (1.01::double / 0.99 + 1) else 0.0 end;

-- An aggregate over rows of (bucket, count): the nearest-rank percentile p in seconds, null below 1/(1-p) samples.
-- Give p as a decimal literal, `sketch_percentile(bucket, count, 0.99)`: as a float it could miss the rank by one.
create or replace macro sketch_percentile(bucket, samples, p) as
    case when sum(samples) * (1 - p) >= 1 then sketch_value(list_reduce(
        list(struct_pack(at := bucket, remaining := cast(samples as bigint)) order by bucket),
        lambda found, next: case
            when found.remaining <= 0 then found
            else struct_pack(at := next.at, remaining := found.remaining - next.remaining)
        end,
        struct_pack(at := cast(null as bigint), remaining := cast(ceil(sum(samples) * p) as bigint))
    ).at) end;
