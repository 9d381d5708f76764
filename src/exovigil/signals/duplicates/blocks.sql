-- Which reports share which key: only reports that share one are compared. A key is a hash; two keys that
-- happen to share a hash only cost a comparison.
create or replace temp table duplicate_block as
select 'report number' as rule, hash(unnest(list_distinct(list_concat(numbers, linked)))) as key, row
    from duplicate_coded
union all select 'patient', hash(patient), row from duplicate_coded where patient is not null
union all select 'date of birth', hash(born), row from duplicate_coded where born is not null
union all select 'onset and year of birth', hash(onset_day, year), row
    from duplicate_coded where onset_day is not null and year is not null
union all select 'onset and clinic', hash(onset_day, site), row
    from duplicate_coded where onset_day is not null and site is not null
union all select 'onset and lot', hash(onset_day, unnest(lots)), row
    from duplicate_coded where onset_day is not null
union all select 'onset, product, reaction and sex', hash(onset_day, product, reaction, sex), row
    from (
        select onset_day, product, sex, row, unnest(reactions) as reaction
        from (select onset_day, sex, row, reactions, unnest(products) as product from duplicate_coded)
    )
    where onset_day is not null
union all select 'lot and year of birth', hash(unnest(lots), year), row
    from duplicate_coded where year is not null
union all select 'clinic and year of birth', hash(site, year), row
    from duplicate_coded where site is not null and year is not null
union all select 'clinic, product and month of onset', hash(site, unnest(products), onset_month), row
    from duplicate_coded where site is not null and onset_month is not null
union all select 'lot and month of onset', hash(unnest(lots), onset_month), row
    from duplicate_coded where onset_month is not null
union all select 'product, reaction, year of birth and sex', hash(product, reaction, year, sex), row
    from (
        select year, product, sex, row, unnest(reactions) as reaction
        from (select year, sex, row, reactions, unnest(products) as product from duplicate_coded)
    )
    where year is not null;

create or replace temp table duplicate_size as
select rule, key, count(*) as reports from duplicate_block group by rule, key having count(*) > 1;

create or replace temp table duplicate_pair as
with kept as (
    select rule, key, row
    from duplicate_block
    join (select rule, key from duplicate_size where reports <= $largest_block) using (rule, key)
)
select distinct a.row as first_row, b.row as second_row, false as asked
from kept a
join kept b on a.rule = b.rule and a.key = b.key and a.row < b.row;
