-- The day's board.
-- inputs: slo_daily
select
    kind, objective, total, success, fail, kill, pending,
    round(100 * success_rate, 3) as success_percent,
    good_minutes || ' of ' || minutes as good_minutes,
    array_to_string(top_errors, ', ') as top_errors,
from slo_daily
where scope = 'cluster'
order by kind, objective
