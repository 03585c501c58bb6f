-- The month's board.
-- inputs: slo_monthly
select
    kind, objective, total, success, fail, kill, pending,
    round(100 * success_rate, 3) as success_percent,
    good_minutes || ' of ' || minutes as good_minutes,
    round(100 * budget_left, 1) as budget_left_percent,
    array_to_string(top_errors, ', ') as top_errors,
from slo_monthly
where scope = 'cluster'
order by kind, objective
