-- Two reports under one number: possible only where numbers are hashes, and then the import must stop.
SELECT report FROM (
    SELECT report FROM held_reports ANTI JOIN going USING (report) UNION ALL SELECT report FROM coming
) GROUP BY report HAVING count(*) > 1 LIMIT 1;
