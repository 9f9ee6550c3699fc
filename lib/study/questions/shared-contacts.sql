-- Two suspects of few contacts that dialled the same people: how many, and how many both kept on the line.
WITH dialled AS (
  SELECT c.number AS number, c.other AS other, c.longest AS longest, c.first_call AS first_call
  FROM study_contacts c
  JOIN study_suspects s ON s.number = c.number AND s.day = ${day}
  WHERE c.day = ${day} AND c.opened AND s.contacts <= ${mostContacts}
),
rare AS (
  SELECT other FROM dialled GROUP BY other HAVING count(*) BETWEEN 2 AND 20
)
SELECT
  x.number AS number,
  y.number AS also,
  count(*) AS shared,
  sum(CASE WHEN x.longest >= 120 AND y.longest >= 120 THEN 1 ELSE 0 END) AS shared_long
FROM dialled x
JOIN dialled y ON y.other = x.other AND x.number < y.number
WHERE x.other IN (SELECT other FROM rare)
GROUP BY x.number, y.number
