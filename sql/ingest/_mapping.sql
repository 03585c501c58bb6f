-- What a mapping of the user's own records says of a field: at a path, in what a pattern finds there, or the same word for all.
-- `field` is a session variable, and so a constant of the query.
create or replace macro mapped(line, field) as
    nullif(
        case field.is
            when 'word' then field.word
            when 'path' then json_extract_string(line, field.path)
            when 'pattern' then regexp_extract(json_extract_string(line, field.path), field.pattern, 1)
        end,
        ''
    );

-- A time as text in a format, in ISO 8601, or as a number since 1970 in a unit.
create or replace macro mapped_time(words, unit, format) as
    case
        when unit = 'format' then try_strptime(words, format)::timestamptz
        when unit = 's' then make_timestamptz(try_cast(try_cast(words as decimal(28, 9)) * 1000000 as bigint))
        when unit = 'ms' then make_timestamptz(try_cast(try_cast(words as decimal(28, 9)) * 1000 as bigint))
        when unit = 'us' then make_timestamptz(try_cast(words as bigint))
        when unit = 'ns' then make_timestamptz(try_cast(words as bigint) // 1000)
        else try_cast(words as timestamptz)
    end;
