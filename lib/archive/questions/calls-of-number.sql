-- Of everybody whom a number called, or who called it and was answered: the last call, and the longest. Of days that are
-- not compacted yet it takes records for calls, as `whole-calls` does; of a day that is both, each call counts once.
WITH records AS (
  SELECT call, callee AS contact, start, duration, answered, international,
    CASE WHEN duration IS NULL THEN 'started' ELSE 'complete' END AS phase
  FROM calls
  WHERE caller = ${number} AND NOT callee_is_service
    AND bucket = ${bucket} AND day BETWEEN ${firstDay} AND ${lastDay}
  UNION ALL
  SELECT call, caller AS contact, start, duration, answered, international,
    CASE WHEN duration IS NULL THEN 'started' ELSE 'complete' END AS phase
  FROM calls
  WHERE callee = ${number} AND NOT caller_is_service
    AND day BETWEEN ${firstDay} AND ${lastDay}
  UNION ALL
  SELECT call, callee AS contact, start, duration, answered, international, phase
  FROM call_records
  WHERE caller = ${number} AND NOT callee_is_service
    AND bucket = ${bucket} AND day BETWEEN ${firstDay} AND ${lastDay}
  UNION ALL
  SELECT call, caller AS contact, start, duration, answered, international, phase
  FROM call_records
  WHERE callee = ${number} AND NOT caller_is_service
    AND day BETWEEN ${firstDay} AND ${lastDay}
), whole AS (
  SELECT
    call,
    contact,
    min(start) AS start,
    max(CASE WHEN phase <> 'started' THEN duration END) AS duration,
    coalesce(bool_or(CASE WHEN phase <> 'started' THEN answered END), bool_or(answered)) AS answered,
    bool_or(international) AS international
  FROM records
  GROUP BY call, contact
), ranked AS (
  SELECT
    call, contact, start, duration, answered, international,
    row_number() OVER (PARTITION BY contact ORDER BY start DESC, call) AS by_start,
    row_number() OVER (PARTITION BY contact ORDER BY coalesce(duration, 0) DESC, start DESC, call) AS by_length
  FROM whole
  WHERE start >= ${since} AND coalesce(answered, true)
)
SELECT call, contact, start, duration, answered, international, count(*) OVER () AS found
FROM ranked
WHERE by_start = 1 OR by_length = 1
ORDER BY start DESC, call
LIMIT ${mostCalls}
