-- The diagnoses of some deliveries with the HyperEvent that decided each, by the moment of judgement.
-- inputs: diagnoses, hyper_events, sources
-- Parameters: $delivery_ids.
with chosen as (
    select * from diagnoses where delivery_id in (select unnest($delivery_ids::varchar[]))
),
-- One line of a log can tell several facts; the diagnosis says which.
decisive as (
    select
        chosen.delivery_id, chosen.moment,
        arg_min(
            struct_pack(rule := hyper_events.rule, actor := hyper_events.actor, reason := hyper_events.reason, at_source := hyper_events.at_source, uncertainty_ms := hyper_events.uncertainty_ms),
            (abs(epoch_us(hyper_events.at) - epoch_us(chosen.evidence_at)), hyper_events.observed_at, coalesce(hyper_events.message, ''))
        ) as fact,
    from chosen
    inner join hyper_events
        on hyper_events.source_id = chosen.source_id and hyper_events.source_line = chosen.source_line
        and hyper_events.operation = chosen.evidence_operation and hyper_events.subject is not distinct from chosen.evidence_subject
    group by chosen.delivery_id, chosen.moment
)
select
    chosen.delivery_id, chosen.moment, chosen.judged_at, chosen.frontier, chosen.stage, chosen.error_code, chosen.error_detail, chosen.fault, chosen.component, chosen.message, chosen.advice,
    chosen.rule, chosen.runner_up, chosen.evidence_operation, chosen.evidence_subject, chosen.evidence_at, chosen.evidence_count, chosen.source_id, sources.uri, chosen.source_line,
    decisive.fact.reason as evidence_reason, decisive.fact.actor as evidence_actor, decisive.fact.uncertainty_ms as evidence_uncertainty_ms, decisive.fact.at_source as evidence_at_source,
    decisive.fact.rule as evidence_rule,
from chosen
left join decisive using (delivery_id, moment)
left join sources on sources.source_id = chosen.source_id
order by chosen.delivery_id, chosen.judged_at, chosen.moment = 'final', chosen.moment
