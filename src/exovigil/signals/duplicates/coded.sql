-- One row a report with every value coded as a number beside how often it occurs. A list holds its terms rarest first;
-- a term's code is its count times 2^32 plus its place, so that a pair needs no look-up to know how rare a term is.
create or replace temp table duplicate_read as
select
    cast(row_number() over (order by id) as integer) as row,
    id,
    nullif(trim(patient), '') as patient,
    nullif(trim(sex), '') as sex,
    nullif(trim(country), '') as country,
    nullif(trim(site), '') as site,
    cast(case when length(birth) = 10 then birth end as date) as born,
    coalesce(
        cast(left(nullif(birth, ''), 4) as integer),
        cast(left(nullif(onset, ''), 4) as integer) - age,
        year(received) - age
    ) as year,
    date_diff('day', date '1900-01-01', cast(case when length(onset) = 10 then onset end as date)) as onset_day,
    case when length(onset) >= 7 then left(onset, 7) end as onset_month,
    left(nullif(onset, ''), 4) as onset_year,
    date_diff('day', date '1900-01-01', cast(
        case length(onset) when 10 then onset when 7 then onset || '-15' end as date)) as moment,
    list_filter(list_distinct(numbers), lambda x: trim(x) <> '') as numbers,
    list_filter(list_distinct(linked), lambda x: trim(x) <> '') as linked,
    list_filter(list_distinct(products), lambda x: trim(x) <> '') as products,
    list_filter(list_distinct(lots), lambda x: trim(x) <> '') as lots,
    list_filter(list_distinct(reactions), lambda x: trim(x) <> '') as reactions
from duplicate_report;

create or replace temp table duplicate_told as
select 'number' as field, row, unnest(list_distinct(list_concat(numbers, linked))) as value from duplicate_read
union all select 'product', row, unnest(products) from duplicate_read
union all select 'lot', row, unnest(lots) from duplicate_read
union all select 'reaction', row, unnest(reactions) from duplicate_read;

create or replace temp table duplicate_term as
select
    field,
    value,
    count(*) as seen,
    count(*) * 4294967296 + row_number() over (order by field, value) as code
from duplicate_told
group by field, value;

create or replace temp table duplicate_list as
select
    row,
    list(code order by code) filter (field = 'product') as products,
    list(code order by code) filter (field = 'lot') as lots,
    list(code order by code) filter (field = 'reaction') as reactions
from duplicate_told
join duplicate_term using (field, value)
where field <> 'number'
group by row;

-- A number that is only referred to counts too: C.1.10 of one report against C.1.1 or C.1.8.1 of another.
create or replace temp table duplicate_number as
select
    row,
    list(code order by code) filter (own) as numbers,
    list(code order by code) filter (not own) as linked
from (
    select row, unnest(numbers) as value, true as own from duplicate_read
    union all select row, unnest(linked), false from duplicate_read
)
join (select value, code from duplicate_term where field = 'number') using (value)
group by row;

create or replace temp table duplicate_coded as
with listed as (
    select
        r.* exclude (numbers, linked, products, lots, reactions),
        coalesce(l.products, []) as products,
        coalesce(l.lots, []) as lots,
        coalesce(l.reactions, []) as reactions,
        coalesce(n.numbers, []) as numbers,
        coalesce(n.linked, []) as linked
    from duplicate_read r
    left join duplicate_list l using (row)
    left join duplicate_number n using (row)
), counted as (
    select
        *,
        count(*) over (partition by patient) as patient_seen,
        count(*) over (partition by sex) as sex_seen,
        count(*) over (partition by country) as country_seen,
        count(*) over (partition by site) as site_seen,
        count(*) over (partition by born) as born_seen,
        count(*) over (partition by year) as year_seen,
        count(*) over (partition by onset_day) as onset_day_seen,
        count(*) over (partition by onset_month) as onset_month_seen,
        count(*) over (partition by onset_year) as onset_year_seen,
        count(*) over (
            order by onset_day range between $scene_days preceding and $scene_days following
        ) as onset_near_seen,
        count(*) over (
            partition by lots[1] order by moment
            range between $scene_days preceding and $scene_days following
        ) as lot_crowd,
        count(*) over (
            partition by site, products[1] order by moment
            range between $scene_days preceding and $scene_days following
        ) as site_crowd
    from listed
)
select
    * exclude (lot_crowd, site_crowd),
    -- reports of the same scene, this one included; without a day of onset, the fullest scene it can belong to
    greatest(
        1,
        case
            when lots[1] is null then 1
            when moment is null then max(case when moment is not null then lot_crowd end) over (partition by lots[1]) + 1
            else lot_crowd
        end,
        case
            when site is null or products[1] is null then 1
            when moment is null
                then max(case when moment is not null then site_crowd end) over (partition by site, products[1]) + 1
            else site_crowd
        end
    ) as crowd
from counted;
