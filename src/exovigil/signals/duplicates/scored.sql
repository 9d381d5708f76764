-- Terms that go together (two products of one treatment, two names of one reaction) tell less than their sum.
-- A pair that shares two or more is worth its best star: one shared term by its own frequency, the others by
-- their frequency among the reports that have it. For two terms that is their joint frequency; and sharing one
-- more never lowers it.
create or replace temp table duplicate_shared as
select 'product' as field, first_row, second_row, same_products as shared
    from duplicate_compared where len(same_products) > 1
union all
select 'reaction', first_row, second_row, same_reactions from duplicate_compared where len(same_reactions) > 1;

create or replace temp table duplicate_ray as
select field, first_row, second_row, centre, other
from (
    select field, first_row, second_row, centre, unnest(shared) as other
    from (select field, first_row, second_row, shared, unnest(shared) as centre from duplicate_shared)
)
where centre <> other;

create or replace temp table duplicate_joint as
with wanted as materialized (
    select distinct field, centre, other from duplicate_ray
), told as (
    select 'product' as field, row, unnest(products) as code from duplicate_coded where len(products) > 1
    union all
    select 'reaction', row, unnest(reactions) from duplicate_coded where len(reactions) > 1
), kept as materialized (
    select field, row, code from told semi join wanted on told.field = wanted.field and told.code = wanted.centre
), together as materialized (
    select a.field, a.code as centre, b.code as other, count(*) as seen
    from kept a
    join kept b on a.row = b.row and a.field = b.field and a.code <> b.code
    group by a.field, a.code, b.code
)
select field, centre, other, seen from together semi join wanted using (field, centre, other);

create or replace temp table duplicate_star as
with rayed as (
    select
        field,
        first_row,
        second_row,
        centre,
        -- the first of the pair is left out; an unseen one is worth what the term is worth on its own
        sum(agree(miss, greatest(
            often(other >> 32, reports, cells),
            (seen - 1 + often(other >> 32, reports, cells)) / (centre >> 32)
        ))) as others,
        any_value(agree(miss, often(centre >> 32, reports, cells))) as own
    from (
        select
            r.*,
            j.seen,
            t.reports,
            case r.field when 'product' then $product_miss else $reaction_miss end as miss,
            case r.field when 'product' then $product_cells else $reaction_cells end as cells
        from duplicate_ray r
        join duplicate_joint j using (field, centre, other)
        cross join (select count(*) as reports from duplicate_coded) t
    )
    group by field, first_row, second_row, centre
)
select field, first_row, second_row, max(own + others) as bits
from rayed
group by field, first_row, second_row;

create or replace temp table duplicate_scored as
with stars as (
    select
        c.* exclude (product_told, product_bits, reaction_bits, number_bits),
        number_bits is not null as shares_number,
        coalesce(number_bits, 0) as number_bits,
        case when p.bits is null then product_told
            else greatest(p.bits + unshared_bits(a_products, b_products, same_products, $extra), log2($product_miss))
        end as product_told,
        case when r.bits is null then reaction_bits
            else greatest(r.bits + unshared_bits(a_reactions, b_reactions, same_reactions, $extra), log2($reaction_miss))
        end as reaction_bits
    from duplicate_compared c
    left join duplicate_star p on p.field = 'product' and (p.first_row, p.second_row) = (c.first_row, c.second_row)
    left join duplicate_star r on r.field = 'reaction' and (r.first_row, r.second_row) = (c.first_row, c.second_row)
), lotted as (
    select *, beyond(product_told, lot_bits) as product_bits from stars
), summed as (
    select
        *,
        above(sex_bits) + above(country_bits) + above(site_bits) + above(product_bits) + above(lot_bits) + above(reaction_bits)
            + above(onset_bits) as scene_agreement,
        below(country_bits) + below(site_bits) + below(product_bits) + below(lot_bits) + below(reaction_bits)
            + below(onset_bits) as scene_difference
    from lotted
), totalled as (
    select
        *,
        least(0, ceiling_bits - scene_agreement) as scene_bits,
        prior_bits + number_bits + coalesce(patient_bits, 0) + coalesce(birth_bits, 0)
            + least(scene_agreement, ceiling_bits) + scene_difference as bits
    from summed
)
select
    *,
    $scene_days as scene_days,
    chance_of(bits) as probability,
    case
        when bits >= log_odds($certain)
            and (shares_number or coalesce(same_patient, false) or coalesce(same_born, false)) then 'certain'
        when bits >= log_odds($review) or shares_number or is_linked then 'review'
    end as band
from totalled;
