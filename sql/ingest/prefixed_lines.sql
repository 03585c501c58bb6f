-- Lines behind what a logger puts before them. It names the server by the stream of EKS, or the host of syslog and `journalctl`.
-- reads: wrapped (line_no, line)
-- gives: found
with parted as (
    select
        *,
        regexp_extract(
            regexp_extract(line, '^[^{]+'),
            '(kube-apiserver-audit-[0-9a-f]{8,})|^(?:<\d+>1? ?)?(?:[A-Z][a-z]{2} [ \d]\d [\d:.]{8,}|\d{4}-\d\d-\d\dT\S+) ([A-Za-z0-9_.-]+) [^ ]',
            ['stream', 'host']
        ) as named
    from wrapped
)

select
    line_no,
    if(contains(line, '{'), regexp_replace(line, '^[^{]+', ''), line) as line,
    coalesce(nullif(named.stream, ''), named.host) as server,
    null::varchar as problem,
    false as is_filtered
from parted
