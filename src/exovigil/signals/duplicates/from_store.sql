-- The reports of a store as the scorer compares them. Numbers are compared only where they are given once in the whole
-- world (E2B: C.1.1 and C.1.8.1); the other sources number their reports from one, so that equal numbers mean nothing.
-- Concomitant products are left out: what a person takes daily is what her other reports name too.
create or replace temp table duplicate_report as
with given as (
    select
        report,
        list(distinct product order by product) filter (product <> '') as products,
        list(distinct lot_key order by lot_key) filter (lot_key <> '') as lots
    from store_products
    where role is distinct from 'concomitant'
    group by report
), told as (
    select report, list(distinct reaction order by reaction) filter (reaction <> '') as reactions
    from store_reactions
    group by report
)
select
    cast(report as varchar) as id,
    case when family = 'E2B' then list_filter(
        list_distinct([number_of(report_number), number_of(case_id)]), lambda x: x is not null
    ) else [] end as numbers,
    cast([] as varchar[]) as linked,
    cast(null as varchar) as patient,
    case when sex in ('female', 'male') then sex end as sex,
    cast(null as varchar) as birth,
    cast(floor(age_years) as integer) as age,
    country,
    cast(null as varchar) as site,
    coalesce(products, []) as products,
    coalesce(lots, []) as lots,
    coalesce(reactions, []) as reactions,
    case event_precision
        when 'day' then strftime(event_date, '%Y-%m-%d')
        when 'month' then strftime(event_date, '%Y-%m')
        when 'year' then strftime(event_date, '%Y')
        when 'doubtful' then strftime(event_date, '%Y')  -- 1 January often stands for the year
    end as onset,
    received
from store_reports
left join given using (report)
left join told using (report);
