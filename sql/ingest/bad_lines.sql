-- Lines that are no text or no JSON, redacted.
-- reads: bad_lines (line_no, reason, raw)
select line_no, reason, redact_line(raw) as raw from bad_lines
