-- Who had to do with whom on a day: one row for two numbers, whoever dialled, services left out.
SELECT
  least(caller, callee) AS a,
  greatest(caller, callee) AS b,
  CAST(sum(CASE WHEN caller < callee THEN 1 ELSE 0 END) AS INTEGER) AS made_a,
  CAST(sum(CASE WHEN caller > callee THEN 1 ELSE 0 END) AS INTEGER) AS made_b,
  CAST(sum(CASE WHEN coalesce(answered, true) AND coalesce(duration, 0) > 0 THEN 1 ELSE 0 END) AS INTEGER) AS talks,
  CAST(sum(CASE WHEN coalesce(answered, true) THEN coalesce(duration, 0) ELSE 0 END) AS INTEGER) AS talk,
  max(CASE WHEN coalesce(answered, true) THEN coalesce(duration, 0) ELSE 0 END) AS longest,
  min_by(CASE WHEN coalesce(answered, true) THEN coalesce(duration, 0) ELSE 0 END, start) AS first_talk,
  min(CASE WHEN caller < callee THEN start END) AS first_a,
  min(CASE WHEN caller > callee THEN start END) AS first_b,
  max(start) AS last_call,
  bool_or(international) AS international
FROM calls
WHERE day = ${day}
  AND NOT caller_is_service
  AND NOT callee_is_service
  AND caller <> callee
GROUP BY least(caller, callee), greatest(caller, callee)
