-- Bits for every field of every pair, blank (null) where one side does not tell. What is known to differ between
-- two people (patient, sex, full date of birth) takes the pair out, whatever else agrees.
create or replace temp table duplicate_compared as
with alike as (
    select
        p.first_row,
        p.second_row,
        p.asked,
        t.reports,
        a.id as first,
        b.id as second,
        -- of a report without a day of onset only the other one's scene is known; without both, the fullest
        case
            when (a.moment is null) = (b.moment is null) then greatest(a.crowd, b.crowd)
            when a.moment is null then b.crowd
            else a.crowd
        end as crowd,
        list_intersect(a.numbers, b.numbers) as same_numbers,
        list_has_any(a.linked, b.numbers) or list_has_any(a.numbers, b.linked) or list_has_any(a.linked, b.linked)
            as is_linked,
        a.patient = b.patient as same_patient,
        a.patient_seen,
        a.sex = b.sex as same_sex,
        a.sex_seen,
        a.born = b.born as same_born,
        a.born_seen,
        abs(a.year - b.year) as years_apart,
        greatest(a.year_seen, b.year_seen) as year_seen,
        a.country = b.country as same_country,
        a.country_seen,
        a.site = b.site as same_site,
        a.site_seen,
        abs(a.onset_day - b.onset_day) as days_apart,
        a.onset_day_seen,
        greatest(a.onset_near_seen, b.onset_near_seen) as onset_near_seen,
        a.onset_month = b.onset_month as same_onset_month,
        a.onset_month_seen,
        a.onset_year = b.onset_year as same_onset_year,
        a.onset_year_seen,
        a.products as a_products,
        b.products as b_products,
        list_intersect(a.products, b.products) as same_products,
        a.lots as a_lots,
        b.lots as b_lots,
        list_intersect(a.lots, b.lots) as same_lots,
        a.reactions as a_reactions,
        b.reactions as b_reactions,
        list_intersect(a.reactions, b.reactions) as same_reactions
    from duplicate_pair p
    cross join (select count(*) as reports from duplicate_coded) t
    join duplicate_coded a on a.row = p.first_row
    join duplicate_coded b on b.row = p.second_row
    where coalesce(a.patient = b.patient, true)
        and coalesce(a.sex = b.sex, true)
        and coalesce(a.born = b.born, true)
), told as (
    select
        *,
        -- of pairs that alone share a number, so many are one case, however many reports there are
        case when len(same_numbers) > 0 then greatest(0,
            log_odds($number_right) - log2(greatest((list_min(same_numbers) >> 32) - 1, 1))
            - before_looking(reports, $duplicated)
        ) end as number_bits,
        same_or_not(same_patient, $patient_miss, often(patient_seen, reports, $patient_cells)) as patient_told,
        same_or_not(same_sex, $sex_miss, often(sex_seen, reports, $sex_cells)) as sex_told,
        agree($born_miss, often(born_seen, reports, $born_cells)) as born_told,
        close($year_miss, $year_near, $year_scale, years_apart, often(year_seen, reports, $year_cells)) as year_told,
        same_or_not(same_country, $country_miss, often(country_seen, reports, $country_cells)) as country_told,
        same_or_not(same_site, $site_miss, often(site_seen, reports, $site_cells)) as site_told,
        close($onset_miss, $onset_near, $onset_scale, days_apart, case
            when days_apart = 0 then often(onset_day_seen, reports, $onset_cells)
            else often(onset_near_seen / (2 * $scene_days + 1) + 1, reports, $onset_cells)
        end) as day_told,
        case when same_onset_month then agree($onset_miss, often(onset_month_seen, reports, $onset_cells / 30))
            else log2($onset_miss + $onset_near) end as month_told,
        case when same_onset_year then agree($onset_miss, often(onset_year_seen, reports, greatest($onset_cells / 365, 1)))
            else log2($onset_miss) end as onset_year_told,
        list_bits(a_products, b_products, same_products, $product_miss, $extra, reports, $product_cells)
            as product_told,
        list_bits(a_lots, b_lots, same_lots, $lot_miss, $extra, reports, $lot_cells) as lot_bits,
        list_bits(a_reactions, b_reactions, same_reactions, $reaction_miss, $extra, reports, $reaction_cells)
            as reaction_bits,
        before_looking(reports, $duplicated) as prior_bits,
        -- what agreement with a mate of the same scene can be worth at most, onset apart
        log2(greatest(reports - 1, 1) / greatest(crowd - 1, 1)) as mate_bits
    from alike
), weighed as (
    select
        first_row, second_row, asked, reports, first, second, crowd, is_linked, days_apart, years_apart, same_born,
        same_patient, same_onset_month, same_onset_year,
        a_products, b_products, same_products, same_lots, a_reactions, b_reactions, same_reactions,
        prior_bits,
        number_bits,
        case when same_patient is not null then patient_told end as patient_bits,
        case when same_sex is not null then sex_told end as sex_bits,
        beyond(
            case when same_born then born_told when years_apart is not null then year_told end,
            case when same_patient then patient_told end
        ) as birth_bits,
        case when same_country is not null then country_told end as country_bits,
        case when same_site is not null then site_told end as site_bits,
        lot_bits,
        product_told,
        beyond(product_told, lot_bits) as product_bits,
        reaction_bits,
        case when days_apart is not null then day_told when same_onset_month is not null then month_told
            when same_onset_year is not null then onset_year_told end as onset_bits,
        mate_bits + greatest(0, coalesce(
            close($onset_miss, $onset_near, $onset_scale, days_apart, 1 / (2 * $scene_days + 1)), 0)) as ceiling_bits
    from told
)
select * from weighed
where asked
    or number_bits is not null
    or is_linked
    or log_odds($review) <= prior_bits
        + coalesce(patient_bits, 0) + coalesce(birth_bits, 0)
        + least(ceiling_bits, above(sex_bits) + above(country_bits) + above(site_bits) + above(product_bits) + above(lot_bits)
            + above(reaction_bits) + above(onset_bits))
        + below(country_bits) + below(site_bits) + below(product_bits) + below(lot_bits)
        + below(reaction_bits) + below(onset_bits);
