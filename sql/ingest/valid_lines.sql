-- Which lines are JSON at all; asked only after a chunk has failed.
-- reads: texts (line_no, line)
select json_valid(line) as is_valid from texts
