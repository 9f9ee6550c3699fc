-- Numbers that people had to do with for the first time within a day before a risky number first reached them.
WITH reached AS (
  SELECT person, min(first_call) AS reached_at
  FROM (
    SELECT b AS person, first_a AS first_call FROM study_pairs
    WHERE day BETWEEN ${firstDay} AND ${day} AND talk >= 60 AND first_a IS NOT NULL
      AND a IN (SELECT number FROM study_known)
    UNION ALL
    SELECT a AS person, first_b AS first_call FROM study_pairs
    WHERE day BETWEEN ${firstDay} AND ${day} AND talk >= 60 AND first_b IS NOT NULL
      AND b IN (SELECT number FROM study_known)
  ) AS risky
  GROUP BY person
),
sides AS (
  SELECT a AS number, b AS person, least(coalesce(first_a, first_b), coalesce(first_b, first_a)) AS first_call
  FROM study_pairs
  WHERE day BETWEEN ${firstDay} AND ${day} AND b IN (SELECT person FROM reached)
  UNION ALL
  SELECT b AS number, a AS person, least(coalesce(first_a, first_b), coalesce(first_b, first_a)) AS first_call
  FROM study_pairs
  WHERE day BETWEEN ${firstDay} AND ${day} AND a IN (SELECT person FROM reached)
),
before AS (
  SELECT s.number AS number, s.person AS person, min(s.first_call) AS first_call, min(r.reached_at) AS reached_at
  FROM sides s
  JOIN reached r ON r.person = s.person
  WHERE s.number NOT IN (SELECT number FROM study_known)
  GROUP BY s.number, s.person
),
led AS (
  SELECT number, count(*) AS led
  FROM before
  WHERE first_call < reached_at AND first_call >= reached_at - 86400
  GROUP BY number
  HAVING count(*) >= ${fewest}
),
contacts AS (
  SELECT number, count(*) AS contacts, min(first_call) AS first_call, max(last_call) AS last_call,
    sum(made) AS made, sum(talk) AS talk
  FROM (
    SELECT a AS number, b AS other, min(coalesce(first_a, first_b)) AS first_call, max(last_call) AS last_call,
      sum(made_a) AS made, sum(talk) AS talk
    FROM study_pairs
    WHERE day BETWEEN ${firstDay} AND ${day} AND a IN (SELECT number FROM led)
    GROUP BY a, b
    UNION ALL
    SELECT b AS number, a AS other, min(coalesce(first_b, first_a)) AS first_call, max(last_call) AS last_call,
      sum(made_b) AS made, sum(talk) AS talk
    FROM study_pairs
    WHERE day BETWEEN ${firstDay} AND ${day} AND b IN (SELECT number FROM led)
    GROUP BY a, b
  ) AS pairs
  GROUP BY number
)
SELECT l.number AS number, l.led AS led, c.contacts AS contacts, c.made AS made, c.talk AS talk,
  c.first_call AS first_call, c.last_call AS last_call
FROM led l
JOIN contacts c ON c.number = l.number
WHERE l.led >= 0.3 * c.contacts
