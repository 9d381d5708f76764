-- Reports coming in that are like another report of the store as it will be.
WITH fresh AS (SELECT likeness FROM staged_reports SEMI JOIN coming USING (stage, report) WHERE likeness IS NOT NULL),
held AS (SELECT likeness FROM held_reports ANTI JOIN going USING (report) SEMI JOIN fresh USING (likeness)),
times AS (SELECT likeness, count(*) AS n FROM (FROM fresh UNION ALL FROM held) GROUP BY likeness)
SELECT count(*) FROM fresh JOIN times USING (likeness) WHERE n > 1;
