-- Everybody whom a number called, or who called it, from a day on: how many calls, how many seconds on the line, and
-- the last call.
SELECT
  contact,
  count(*) AS calls,
  sum(coalesce(duration, 0)) AS seconds,
  sum(outgoing) AS calls_to_contact,
  max(start) AS last_call,
  min(start) AS first_call
FROM (
  SELECT callee AS contact, duration, start, 1 AS outgoing
  FROM calls
  WHERE caller = ${number} AND day >= ${firstDay}
  UNION ALL
  SELECT caller AS contact, duration, start, 0 AS outgoing
  FROM calls
  WHERE callee = ${number} AND day >= ${firstDay}
) both_ways
GROUP BY contact
ORDER BY last_call DESC, contact
