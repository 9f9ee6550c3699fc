-- Of the numbers that seek out people: those whose contacts hardly ever call back of themselves, and what their
-- contacts are like. Held contacts were kept on the line; rung ones never answered; trapped ones called back.
SELECT
  c.number AS number,
  sum(c.made) AS made,
  sum(c.received) AS received,
  sum(c.talk) AS talk,
  count(*) AS contacts,
  sum(CASE WHEN opened THEN 1 ELSE 0 END) AS opened,
  sum(CASE WHEN opened AND c.received > 0 THEN 1 ELSE 0 END) AS came_back,
  sum(CASE WHEN opened AND c.talks > 0 THEN 1 ELSE 0 END) AS reached,
  sum(CASE WHEN opened AND c.longest >= 300 THEN 1 ELSE 0 END) AS kept_long,
  sum(CASE WHEN opened AND c.talks >= 2 AND c.talk >= 600 AND c.talk >= 200 * c.talks THEN 1 ELSE 0 END) AS held,
  sum(CASE WHEN opened AND c.longest >= 300 THEN c.talk ELSE 0 END) AS held_talk,
  max(CASE WHEN opened THEN c.longest ELSE 0 END) AS longest,
  sum(CASE WHEN opened AND c.talks >= 2 AND c.longest >= 300 AND c.first_talk * 2 <= c.longest THEN 1 ELSE 0 END) AS grown,
  sum(CASE WHEN opened AND c.received = 0 AND c.talks = 0 THEN 1 ELSE 0 END) AS rung,
  sum(CASE WHEN opened AND c.received > 0 AND c.talks > 0 AND c.first_talk = 0 THEN 1 ELSE 0 END) AS trapped,
  sum(CASE WHEN opened AND c.received > 0 AND c.first_talk = 0 THEN c.talk ELSE 0 END) AS trapped_talk,
  min(c.first_call) AS first_call,
  max(c.last_call) AS last_call,
  max(CASE WHEN c.last_day = ${day} THEN 1 ELSE 0 END) AS active,
  bool_or(c.international) AS international
FROM study_contacts c
WHERE day = ${day}
GROUP BY c.number
HAVING sum(CASE WHEN opened THEN 1 ELSE 0 END) >= 2
  AND sum(CASE WHEN opened THEN 1 ELSE 0 END) >= 0.55 * count(*)
  AND sum(CASE WHEN opened AND c.received > 0 THEN 1 ELSE 0 END)
    <= 0.45 * sum(CASE WHEN opened THEN 1 ELSE 0 END) + 1
