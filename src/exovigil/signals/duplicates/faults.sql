-- The first fault of the reports, in words: an id that is missing or repeats, a date that no calendar has.
with told as (
    select
        id,
        count(*) over (partition by id) as times,
        unnest([{'field': 'birth', 'value': birth}, {'field': 'onset', 'value': onset}], recursive := true)
    from duplicate_report
)
select case
    when id is null then 'a report has no id; give each its own'
    when times > 1 then 'report id ' || chr(39) || id || chr(39) || ' is there twice; two rows of one report are not two'
    else 'report ' || chr(39) || id || chr(39) || ': ' || field || ' ' || chr(39) || value || chr(39)
        || ' is no date; write 2026-03-12, or 2026-03 or 2026 if that is all that is known'
end
from told
where id is null or times > 1 or (
    value <> '' and (
        not regexp_full_match(value, '[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?')
        or try_cast(left(value || '-01-01', 10) as date) is null
    )
)
order by id
limit 1;
