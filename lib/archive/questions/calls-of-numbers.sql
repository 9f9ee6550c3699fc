-- Of everybody whom one of some numbers called, or who called it and was answered: the last call with it, and the longest.
-- Of days that are not compacted yet it takes records for calls, as `whole-calls` does; of a day that is both, each call
-- counts once. Where there are more calls than are asked for, each number gives its newest.
WITH records AS (
  SELECT call, caller AS number, callee AS contact, start, duration, answered, international,
    CASE WHEN duration IS NULL THEN 'started' ELSE 'complete' END AS phase
  FROM calls
  WHERE caller IN (${numbers}) AND NOT callee_is_service
    AND bucket IN (${buckets}) AND day BETWEEN ${firstDay} AND ${lastDay}
  UNION ALL
  SELECT call, callee AS number, caller AS contact, start, duration, answered, international,
    CASE WHEN duration IS NULL THEN 'started' ELSE 'complete' END AS phase
  FROM calls
  WHERE callee IN (${numbers}) AND NOT caller_is_service
    AND day BETWEEN ${firstDay} AND ${lastDay}
  UNION ALL
  SELECT call, caller AS number, callee AS contact, start, duration, answered, international, phase
  FROM call_records
  WHERE caller IN (${numbers}) AND NOT callee_is_service
    AND bucket IN (${buckets}) AND day BETWEEN ${firstDay} AND ${lastDay}
  UNION ALL
  SELECT call, callee AS number, caller AS contact, start, duration, answered, international, phase
  FROM call_records
  WHERE callee IN (${numbers}) AND NOT caller_is_service
    AND day BETWEEN ${firstDay} AND ${lastDay}
), whole AS (
  SELECT
    call,
    number,
    contact,
    min(start) AS start,
    max(CASE WHEN phase <> 'started' THEN duration END) AS duration,
    coalesce(bool_or(CASE WHEN phase <> 'started' THEN answered END), bool_or(answered)) AS answered,
    bool_or(international) AS international
  FROM records
  GROUP BY call, number, contact
), ranked AS (
  SELECT
    call, number, contact, start, duration, answered, international,
    row_number() OVER (PARTITION BY number, contact ORDER BY start DESC, call) AS by_start,
    row_number() OVER (PARTITION BY number, contact ORDER BY coalesce(duration, 0) DESC, start DESC, call) AS by_length
  FROM whole
  WHERE start >= ${since} AND coalesce(answered, true)
), picked AS (
  SELECT
    call, number, contact, start, duration, answered, international,
    row_number() OVER (PARTITION BY number ORDER BY start DESC, call) AS place,
    count(*) OVER () AS found
  FROM ranked
  WHERE by_start = 1 OR by_length = 1
)
SELECT call, number, contact, start, duration, answered, international, found
FROM picked
ORDER BY place, number
LIMIT ${mostCalls}
