-- No more minutes are good than were counted, and a day has no more than 1440.
-- inputs: slo_daily
select bucket_at, kind, objective, scope, scope_value, good_minutes, minutes
from slo_daily
where good_minutes > minutes or minutes > 1440
