-- Records that are no text or no JSON, with lines inside of strings, redacted.
-- reads: bad_lines (line_no, reason, raw)
select line_no, reason, redact_wrapped_line(raw) as raw from bad_lines
