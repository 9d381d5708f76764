-- Which reports of the staged ones come in, and which of the store's go out. `held_reports` is the store's table of reports.
-- One report a case stands for it: AERS before FAERS, then version, day received, period, number. A case that is
-- deleted or nullified has none. The order is total, so it does not matter in which order files come.

CREATE TABLE gone AS
SELECT family, case_id FROM held_deleted_cases UNION SELECT family, case_id FROM staged_deleted
UNION SELECT family, case_id FROM staged_reports WHERE nullified;

CREATE TABLE touched AS
SELECT DISTINCT family, case_id FROM staged_reports UNION SELECT family, case_id FROM gone
UNION SELECT family, case_id FROM held_reports SEMI JOIN staged_whole USING (family);

CREATE TABLE standing AS
SELECT *, row_number() OVER (
    PARTITION BY family, case_id
    ORDER BY era DESC, version DESC NULLS LAST, received DESC NULLS LAST, period DESC,
             try_cast(report_number AS BIGINT) DESC NULLS LAST, report_number DESC, digest DESC, stage
) AS place
FROM (
    SELECT stage, report, family, case_id, era, version, received, period, report_number, digest FROM staged_reports
    UNION ALL
    SELECT -1, report, family, case_id, era, version, received, period, report_number, digest
    FROM held_reports SEMI JOIN touched USING (family, case_id)
)
;
CREATE TABLE judged AS
SELECT s.*, CASE
    WHEN g.case_id IS NOT NULL THEN 'deleted case'
    WHEN s.place = 1 AND s.stage < 0 AND s.family IN (FROM staged_whole) THEN 'no longer there'
    WHEN s.place = 1 THEN ''
    WHEN first_digest = s.digest AND first_report = s.report THEN 'already there'
    ELSE 'older version'
END AS reason
FROM (
    SELECT *, first(digest) OVER w AS first_digest, first(report) OVER w AS first_report FROM standing
    WINDOW w AS (PARTITION BY family, case_id ORDER BY place)
) s LEFT JOIN gone g USING (family, case_id);

CREATE TABLE coming AS SELECT stage, report FROM judged WHERE stage >= 0 AND reason = '';
CREATE TABLE going AS SELECT report FROM judged WHERE stage < 0 AND reason <> '';
