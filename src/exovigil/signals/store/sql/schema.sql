-- The workbench of one import. Raw tables hold text as it stands in the files; staged tables hold the store's columns.

CREATE TABLE about (stage INTEGER, source VARCHAR, family VARCHAR, era INTEGER, base BIGINT, origin VARCHAR, period VARCHAR);
CREATE TABLE rejects (file VARCHAR, line BIGINT, reason VARCHAR);
CREATE TABLE met (quirk VARCHAR, file VARCHAR, times BIGINT, note VARCHAR);

CREATE TABLE meaning (name VARCHAR, written VARCHAR, means VARCHAR);
CREATE TABLE age_unit (written VARCHAR, years DOUBLE);
CREATE TABLE lot_name (lot_as_reported VARCHAR, lot VARCHAR, lot_key VARCHAR, lot_changes VARCHAR);

CREATE TABLE staged_reports (
    stage INTEGER, report BIGINT, source VARCHAR, family VARCHAR, case_id VARCHAR, report_number VARCHAR,
    era INTEGER, version INTEGER, received DATE, event_date DATE, event_precision VARCHAR, event_as_reported VARCHAR,
    sex VARCHAR, age_years DOUBLE, country VARCHAR, serious BOOLEAN, reporter VARCHAR, kind VARCHAR,
    origin VARCHAR, period VARCHAR, nullified BOOLEAN, likeness VARCHAR, digest VARCHAR
);
CREATE TABLE staged_products (
    stage INTEGER, report BIGINT, seq BIGINT, product VARCHAR, product_as_reported VARCHAR, ingredient VARCHAR,
    role VARCHAR, role_as_reported VARCHAR, lot VARCHAR, lot_key VARCHAR, lot_as_reported VARCHAR,
    lot_changes VARCHAR, route VARCHAR, dose VARCHAR, started DATE, indication VARCHAR
);
CREATE TABLE staged_reactions (
    stage INTEGER, report BIGINT, reaction VARCHAR, reaction_as_reported VARCHAR, onset DATE
);
CREATE TABLE staged_deleted (family VARCHAR, case_id VARCHAR);
-- Families of which the files hold every case there is: a held case that is not among them is gone.
CREATE TABLE staged_whole (family VARCHAR);

-- A date of 8, 6 or 4 digits; anything else, and what the calendar does not have, is nothing.
CREATE MACRO day_of(x) AS CASE
    WHEN regexp_full_match(x, '(19|20)\d\d(\d\d(\d\d)?)?')
    THEN try_cast(concat(x[1:4], '-', CASE WHEN length(x) > 4 THEN x[5:6] ELSE '01' END, '-',
                         CASE WHEN length(x) > 6 THEN x[7:8] ELSE '01' END) AS DATE)
END;
CREATE MACRO precision_of(x) AS CASE
    WHEN day_of(x) IS NULL THEN NULL
    WHEN length(x) = 4 THEN 'year'
    WHEN length(x) = 6 THEN 'month'
    WHEN x[5:8] = '0101' THEN 'doubtful'
    ELSE 'day'
END;
-- A name to count by: capitals, single spaces, no full stop at the end.
CREATE MACRO counted(x) AS nullif(upper(trim(
    CASE WHEN contains(x, '  ') OR contains(x, chr(9)) THEN regexp_replace(x, '\s+', ' ', 'g') ELSE x END, ' .')), '');
-- Whether such a name is left of a text; cheaper than making it.
CREATE MACRO nameless(x) AS coalesce(trim(x, ' .'), '') = '';
CREATE MACRO country_of(x) AS CASE WHEN upper(x) <> 'COUNTRY NOT SPECIFIED' THEN upper(x) END;
