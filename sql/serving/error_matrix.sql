-- Error codes by the values of one dimension: how many of a value's deliveries each code explains, and how many elsewhere.
-- inputs: _touched
-- Parameters: $code, all if null; $values and $codes at most.
with exposures as (
    select value, count(*) as exposure
    from _touched
    where value is not null
    group by value
),
failures as (
    select value, error_code, any_value(fault) as fault, count(*) as failures, min(started_at) as first_at, max(started_at) as last_at
    from _touched
    where value is not null and error_code is not null and ($code::varchar is null or error_code = $code)
    group by value, error_code
),
ranked_values as (
    select value, sum(failures) as failures_of_value, row_number() over (order by sum(failures) desc, value) as value_position
    from failures
    group by value
    qualify value_position <= $values
),
ranked_codes as (
    select error_code, sum(failures) as failures_of_code, row_number() over (order by sum(failures) desc, error_code) as code_position
    from failures
    group by error_code
    qualify code_position <= $codes
),
totals as (
    select sum(exposure) as all_exposure from exposures
)
select
    value, error_code, fault, failures, exposure,
    failures / exposure as rate,
    (failures_of_code - failures) / nullif(all_exposure - exposure, 0) as rate_elsewhere,
    all_exposure - exposure as exposure_elsewhere,
    first_at, last_at, value_position, code_position,
from failures
join exposures using (value)
join ranked_values using (value)
join ranked_codes using (error_code)
cross join totals
order by value_position, code_position
