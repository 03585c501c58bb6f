-- Lines that cannot be read, redacted: those that are no text or no JSON, and those of which a query says why.
-- reads: bad_lines (line_no, reason, raw)
with masked as (
    select line_no, reason, mask_line(raw) as raw from bad_lines
)
select line_no, reason, redact_text(raw) as raw from masked
