-- Quirks of what was read, counted by file.

INSERT INTO met
SELECT 'one row a dose', file, sum(n - 1), '' FROM (
    SELECT file, report_number, seq, count(*) AS n FROM raw_products
    WHERE seq IS NOT NULL GROUP BY ALL HAVING n > 1
) GROUP BY file;

INSERT INTO met
SELECT 'date not in the calendar', file, count(*), 'first on line ' || min(line) FROM (
    SELECT file, line FROM raw_reports WHERE event IS NOT NULL AND day_of(event) IS NULL
    UNION ALL SELECT file, line FROM raw_reports WHERE received IS NOT NULL AND day_of(received) IS NULL
    UNION ALL SELECT file, line FROM raw_reactions WHERE onset IS NOT NULL AND day_of(onset) IS NULL
    UNION ALL SELECT file, line FROM raw_products WHERE started IS NOT NULL AND day_of(started) IS NULL
) GROUP BY file;

INSERT INTO met
SELECT '1 January, perhaps the year only', file, count(*), 'first on line ' || min(line)
FROM raw_reports WHERE precision_of(event) = 'doubtful' GROUP BY file;

INSERT INTO met
SELECT 'country EU', file, count(*), '' FROM raw_reports
WHERE upper(country) = 'EU' OR upper(reporter_country) = 'EU' GROUP BY file;

INSERT INTO met
SELECT 'country not specified', file, count(*), '' FROM raw_reports
WHERE upper(country) = 'COUNTRY NOT SPECIFIED' OR upper(reporter_country) = 'COUNTRY NOT SPECIFIED' GROUP BY file;

INSERT INTO met
SELECT 'age without a known unit, or impossible', file, count(*), 'first on line ' || min(line)
FROM raw_reports LEFT JOIN age_unit ON written = upper(age_unit)
WHERE age IS NOT NULL AND (try_cast(age AS DOUBLE) * years BETWEEN 0 AND 130) IS NOT TRUE GROUP BY file;

INSERT INTO met
SELECT 'role not in the vocabulary', file, count(*), 'such as ' || min(role)
FROM raw_products LEFT JOIN meaning ON name = 'role' AND written = upper(role)
WHERE role IS NOT NULL AND means IS NULL GROUP BY file;

INSERT INTO met
SELECT CASE WHEN lot IS NULL THEN 'lot not known' WHEN starts_with(lot_changes, 'several') THEN 'several lots in one field'
            ELSE 'lot rewritten' END AS quirk,
       file, count(*), 'such as ' || min(lot_as_reported)
FROM (
    SELECT p.file, p.line, l.lot_as_reported, any_value(l.lot) AS lot, any_value(l.lot_changes) AS lot_changes
    FROM raw_products p JOIN lot_name l ON l.lot_as_reported = p.lot WHERE l.lot_changes <> '' GROUP BY ALL
) GROUP BY ALL;

INSERT INTO met
SELECT 'report without a product', file, count(*), 'first on line ' || min(line)
FROM raw_reports ANTI JOIN raw_products USING (report_number) GROUP BY file;

INSERT INTO met
SELECT 'report without a reaction', file, count(*), 'first on line ' || min(line)
FROM raw_reports ANTI JOIN raw_reactions USING (report_number) GROUP BY file;
