-- From which handsets and where each number called on a day. A handset's fingerprint has 16 bits: others share it.
SELECT
  caller AS number,
  handset,
  CAST(count(*) AS INTEGER) AS made,
  min(start) AS first_call,
  max(start) AS last_call,
  max(district) AS district
FROM calls
WHERE day = ${day}
  AND NOT caller_is_service
GROUP BY caller, handset
