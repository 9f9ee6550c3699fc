-- How much was telephoned on a day, by hour and district of the caller, and by how much of it risky numbers called.
SELECT
  CAST(floor((start - ${startOfDay}) / 3600) AS INTEGER) AS hour,
  district,
  count(*) AS calls,
  sum(CASE WHEN coalesce(answered, coalesce(duration, 0) > 0) THEN 1 ELSE 0 END) AS answered,
  sum(CASE WHEN coalesce(answered, true) THEN coalesce(duration, 0) ELSE 0 END) AS talk,
  sum(CASE WHEN caller IN (SELECT number FROM study_known) THEN 1 ELSE 0 END) AS risky
FROM calls
WHERE day = ${day}
GROUP BY CAST(floor((start - ${startOfDay}) / 3600) AS INTEGER), district
