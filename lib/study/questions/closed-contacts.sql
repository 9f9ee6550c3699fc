-- How many of a suspect's contacts have to do with another of its contacts: friends of one circle do, people
-- dialled at random do not. Numbers of very many contacts are left out: among so many, some know each other anyway.
WITH circle AS (
  SELECT c.number AS number, c.other AS other
  FROM study_contacts c
  JOIN study_suspects s ON s.number = c.number AND s.day = ${day}
  WHERE c.day = ${day} AND s.contacts BETWEEN 2 AND ${mostContacts}
),
ties AS (
  SELECT DISTINCT a, b
  FROM study_pairs
  WHERE day BETWEEN ${firstDay} AND ${day}
    AND a IN (SELECT other FROM circle)
    AND b IN (SELECT other FROM circle)
),
closed AS (
  SELECT x.number AS number, t.a AS a, t.b AS b
  FROM circle x
  JOIN ties t ON t.a = x.other
  JOIN circle y ON y.number = x.number AND y.other = t.b
)
SELECT number, count(DISTINCT other) AS closed
FROM (
  SELECT number, a AS other FROM closed
  UNION ALL
  SELECT number, b AS other FROM closed
) AS ends
GROUP BY number
