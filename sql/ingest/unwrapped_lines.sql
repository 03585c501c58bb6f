-- The lines out of wrappers that can be read on, as if they had never been wrapped.
-- reads: unwrapped
-- gives: lines
select line_no, line
from unwrapped
where reason is null and not is_left_out
