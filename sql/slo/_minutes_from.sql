-- One row: the earliest minute that budgets and burn rates look at. Of a month only its last three days count here: its good minutes are the sums of its days'.
-- inputs: params
select
    case
        when to_at - from_at > interval 1 day then least(to_at, minute_of(watermark_at + interval 1 minute - interval 1 microsecond))
        else from_at
    end - interval 3 day as from_at,
from params
