-- Error codes by node: how many of a node's deliveries each code explains.
-- inputs: _judged
-- Parameters: $nodes, $codes at most.
with failures as (
    select node, error_code, count(*) as deliveries
    from _judged
    where kind = 'pod_create' and node is not null and error_code is not null and error_code not in ('DeletedBeforeReady', 'NamespaceTerminating')
    group by all
),
nodes as (
    select node, exposure, deliveries, row_number() over (order by deliveries desc, node) as node_position
    from (select node, sum(deliveries) as deliveries from failures group by node)
    join (select node, count(*) as exposure from _judged where kind = 'pod_create' group by node) using (node)
    qualify node_position <= $nodes
),
codes as (
    select error_code, sum(deliveries) as of_code, row_number() over (order by sum(deliveries) desc, error_code) as code_position
    from failures
    group by error_code
    qualify code_position <= $codes
)
select node, error_code, failures.deliveries, exposure, failures.deliveries / exposure as rate, node_position, code_position
from failures
join nodes using (node)
join codes using (error_code)
order by node_position, code_position
