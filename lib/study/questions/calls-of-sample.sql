-- The calls of some of a day's callers, a leg a row: of those who made enough calls, the first by the tail of their
-- sealed number, which tells nothing of how they call. Numbers with very many calls are left out, lest one take the
-- room of all. What the calls make of a number is left to the fold that judges calls.
WITH chosen AS (
  SELECT caller AS number
  FROM calls
  WHERE day = ${day} AND NOT caller_is_service
  GROUP BY caller
  HAVING count(*) >= ${fewestMade}
  ORDER BY substr(caller, 12), caller
  LIMIT ${mostCallers}
),
legs AS (
  SELECT caller AS number, callee AS counterpart, true AS originating, callee_is_service AS to_service, handset,
    call, start, duration, answered, international
  FROM calls
  WHERE day = ${day} AND caller IN (SELECT number FROM chosen)
  UNION ALL
  SELECT callee AS number, caller AS counterpart, false AS originating, caller_is_service AS to_service, 0 AS handset,
    call, start, duration, answered, international
  FROM calls
  WHERE day = ${day} AND callee IN (SELECT number FROM chosen)
),
counted AS (
  SELECT number, counterpart, originating, to_service, handset, call, start, duration, answered, international,
    count(*) OVER (PARTITION BY number) AS own
  FROM legs
)
SELECT number, counterpart, originating, to_service, handset, call, start, duration, answered, international
FROM counted
WHERE own <= ${mostOfOne}
ORDER BY substr(number, 12), number, start, call, originating
LIMIT ${mostLegs}
