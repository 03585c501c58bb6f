-- When each error code struck: deliveries in equal slices of the time that the report covers.
-- inputs: _judged
-- Parameters: $from_at, $to_at, $slices.
select
    kind, error_code,
    least($slices - 1, greatest(0, cast(floor(
        $slices * (epoch_us(started_at) - epoch_us($from_at::timestamptz)) / greatest(1, epoch_us($to_at::timestamptz) - epoch_us($from_at::timestamptz))
    ) as bigint))) as slice,
    count(*) as deliveries,
from _judged
where error_code is not null
group by all
order by kind, error_code, slice
