-- One row a call from the records that arrived: a repeated record counts once, and the start and the end of a call
-- are one call. What only one of them says is taken from it.
SELECT
  call,
  caller,
  callee,
  min(start) AS start,
  max(CASE WHEN phase <> 'started' THEN duration END) AS duration,
  coalesce(bool_or(CASE WHEN phase <> 'started' THEN answered END), bool_or(answered)) AS answered,
  bool_or(international) AS international,
  bool_or(caller_is_service) AS caller_is_service,
  bool_or(callee_is_service) AS callee_is_service,
  max(district) AS district,
  max(handset) AS handset,
  min(day) AS day,
  min(bucket) AS bucket
FROM call_records
WHERE day BETWEEN ${firstDay} AND ${lastDay}
GROUP BY call, caller, callee
