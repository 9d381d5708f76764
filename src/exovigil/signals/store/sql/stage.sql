-- From the raw tables of one source and period to the staged tables. `about` holds the one row that says which.

CREATE TEMP TABLE numbered AS
SELECT r.*, CASE
    WHEN a.base IS NOT NULL AND regexp_full_match(r.report_number, '\d{1,14}')
    THEN a.base * 1000000000000000 + r.report_number::BIGINT
    ELSE 4611686018427387904 + (md5_number_lower(concat_ws('|', a.source, r.report_number, r.version, r.received))
                                % 4611686018427387904)::BIGINT
END AS report
FROM raw_reports r, about a;

CREATE TEMP TABLE key_of AS SELECT report_number, report FROM numbered;

INSERT INTO staged_products
SELECT a.stage, k.report, try_cast(p.seq AS BIGINT), counted(p.product), p.product, counted(p.ingredient),
       coalesce(m.means, 'unknown'), p.role, l.lot, l.lot_key, p.lot, l.lot_changes,
       upper(p.route), p.dose, day_of(p.started), p.indication
FROM raw_products p
JOIN key_of k USING (report_number)
CROSS JOIN about a
LEFT JOIN meaning m ON m.name = 'role' AND m.written = upper(p.role)
LEFT JOIN lot_name l ON l.lot_as_reported = p.lot;

INSERT INTO staged_reactions
SELECT a.stage, k.report, counted(coalesce(x.coded, x.reaction)), x.reaction, day_of(x.onset)
FROM raw_reactions x JOIN key_of k USING (report_number) CROSS JOIN about a;

-- What a report says in all, for likeness and to choose between two that came with the same dates. Sums of hashes of
-- distinct names do not depend on the order of rows.
CREATE TEMP TABLE said AS
SELECT report, any_value(p) AS products, any_value(x) AS reactions FROM (
    SELECT report, sum(h) AS p, NULL AS x FROM (
        SELECT DISTINCT report, (md5_number_lower(product) >> 1)::HUGEINT AS h
        FROM staged_products, about WHERE staged_products.stage = about.stage
    ) GROUP BY report
    UNION ALL
    SELECT report, NULL, sum(h) FROM (
        SELECT DISTINCT report, (md5_number_lower(reaction) >> 1)::HUGEINT AS h
        FROM staged_reactions, about WHERE staged_reactions.stage = about.stage
    ) GROUP BY report
) GROUP BY report;

INSERT INTO staged_reports
SELECT stage, report, source, family, case_id, report_number, era, version, received, event_date, event_precision,
       event_as_reported, sex, age_years, country, serious, reporter, kind, origin, period, nullified,
       CASE WHEN event_precision = 'day'  -- null when any part is empty: empty does not match empty
            THEN md5(event_date || '|' || age_years || '|' || sex || '|' || country || '|' || products || '|' || reactions)
       END,
       md5(concat_ws('|', coalesce(version::VARCHAR, ''), coalesce(received::VARCHAR, ''),
                     coalesce(event_as_reported, ''), coalesce(sex, ''), coalesce(age_years::VARCHAR, ''),
                     coalesce(country, ''), coalesce(serious::VARCHAR, ''), coalesce(reporter, ''), coalesce(kind, ''),
                     coalesce(products::VARCHAR, ''), coalesce(reactions::VARCHAR, '')))
FROM (
    SELECT a.stage, n.report, a.source, a.family, coalesce(nullif(ltrim(n.case_id, '0'), ''), n.case_id) AS case_id,
           n.report_number, a.era, try_cast(n.version AS INTEGER) AS version, day_of(n.received) AS received,
           day_of(n.event) AS event_date, precision_of(n.event) AS event_precision, n.event AS event_as_reported,
           s.means AS sex,
           CASE WHEN try_cast(n.age AS DOUBLE) * u.years BETWEEN 0 AND 130
                THEN round(try_cast(n.age AS DOUBLE) * u.years, 6) END AS age_years,
           CASE WHEN country_of(n.country) = 'EU' THEN coalesce(country_of(n.reporter_country), 'EU')
                ELSE coalesce(country_of(n.country), country_of(n.reporter_country)) END AS country,
           n.serious = 'yes' AS serious, w.means AS reporter, i.means AS kind, a.origin, a.period,
           coalesce(n.nullified = 'yes', false) AS nullified, said.products, said.reactions
    FROM numbered n
    CROSS JOIN about a
    LEFT JOIN said USING (report)
    LEFT JOIN meaning s ON s.name = 'sex' AND s.written = upper(n.sex)
    LEFT JOIN meaning w ON w.name = 'reporter' AND w.written = upper(n.reporter)
    LEFT JOIN meaning i ON i.name = 'kind' AND i.written = upper(n.kind)
    LEFT JOIN age_unit u ON u.written = upper(n.age_unit)
);
