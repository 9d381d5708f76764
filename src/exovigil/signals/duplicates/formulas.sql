-- The formulas of the hit-miss model (see rates.py); all weights in bits.

-- How often a value occurs among other cases when `seen` of `reports` have it, both of the pair included: the pair is
-- left out (a second telling must not make its own value common), and each of `cells` plausible values counts once.
create or replace temp macro often(seen, reports, cells) as greatest(seen - 1, 1) / (greatest(reports - 2, 0) + cells);

-- Agreeing on a value of frequency p, where at least one of two tellings of one case is a miss with chance `miss`.
create or replace temp macro agree(miss, p) as log2(miss + (1 - miss) / p);
create or replace temp macro same_or_not(same, miss, p) as case when same then agree(miss, p) else log2(miss) end;

-- Chance of a deviation of exactly `apart` days or years: two-sided geometric, ratio scale / (1 + scale).
create or replace temp macro step(scale) as scale / (1 + scale);
create or replace temp macro deviation(scale, apart) as (1 - step(scale)) / (1 + step(scale)) * pow(step(scale), apart);

-- Two dates `apart`: the same day, a deviation (chance `near`) or a miss; p is how often one day occurs.
create or replace temp macro close(miss, near, scale, apart, p) as log2(
    miss + case when apart = 0 then (1 - miss - near) / p else 0 end + near * deviation(scale, apart) / p);

-- Lists of terms: every shared one by its own frequency, every one that only one side has by `extra` (three at most);
-- never worse than sharing nothing.
create or replace temp macro shared_bits(shared, miss, reports, cells) as coalesce(list_sum(list_transform(
    shared, lambda code: agree(miss, often(code >> 32, reports, cells)))), 0);
create or replace temp macro unshared_bits(a, b, shared, extra) as
    least(len(a) + len(b) - 2 * len(shared), 3) * log2(extra);
create or replace temp macro list_bits(a, b, shared, miss, extra, reports, cells) as case
    when len(a) = 0 or len(b) = 0 then null
    when len(shared) = 0 then log2(miss)
    else greatest(shared_bits(shared, miss, reports, cells) + unshared_bits(a, b, shared, extra), log2(miss))
end;

create or replace temp macro above(bits) as greatest(coalesce(bits, 0), 0);
create or replace temp macro below(bits) as least(coalesce(bits, 0), 0);

-- A lot tells its product, a patient tells the year of birth: agreeing on both tells no more than the stronger.
create or replace temp macro beyond(told, source) as
    case when source > 0 and told > 0 then greatest(told - source, 0) else told end;

-- Odds before looking: the expected number of matches over the number of pairs.
create or replace temp macro before_looking(reports, duplicated) as log2(2 * duplicated / greatest(reports - 1, 1));
create or replace temp macro log_odds(chance) as log2(chance / (1 - chance));
create or replace temp macro chance_of(bits) as 1 / (1 + pow(2, -least(greatest(bits, -1000), 1000)));
