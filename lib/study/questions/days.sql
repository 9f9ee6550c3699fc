-- Calls of each day of the window, and those of risky numbers.
SELECT
  day,
  sum(made) AS calls,
  sum(CASE WHEN made > 0 THEN 1 ELSE 0 END) AS callers,
  count(*) AS people,
  sum(CASE WHEN number IN (SELECT number FROM study_known) THEN made ELSE 0 END) AS risky_calls,
  sum(CASE WHEN made > 0 AND number IN (SELECT number FROM study_known WHERE found) THEN 1 ELSE 0 END) AS found
FROM study_numbers
WHERE day BETWEEN ${firstDay} AND ${day}
GROUP BY day
ORDER BY day
