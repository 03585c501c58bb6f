-- Lines that are no text or no JSON, redacted. What wrappers hold inside of strings is hidden with these.
-- reads: bad_lines (line_no, reason, raw)
select line_no, reason, redact_line(raw) as raw from bad_lines
