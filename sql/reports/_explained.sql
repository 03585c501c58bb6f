-- One diagnosis per delivery: the one that `deliveries` names, else the last.
-- inputs: deliveries, diagnoses, sources
with chosen as (
    select
        diagnoses.*,
        row_number() over (
            partition by diagnoses.delivery_id
            order by
                diagnoses.error_code is distinct from deliveries.error_code,
                diagnoses.error_detail is distinct from deliveries.error_detail,
                moment <> 'final',
                moment
        ) as position,
    from diagnoses
    join deliveries using (delivery_id)
)
select chosen.* exclude (position, cluster, kind, delivery_started_at), uri
from chosen
left join (select source_id, uri from sources) using (source_id)
where position = 1
