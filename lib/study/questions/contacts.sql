-- Whom those numbers had to do with, over the window, that seek out people more than people seek them out.
-- A contact is opened by whoever dialled first.
WITH seekers AS (
  SELECT number
  FROM study_numbers
  WHERE day BETWEEN ${firstDay} AND ${day}
  GROUP BY number
  HAVING sum(made) >= 2 AND sum(opened) >= 1.3 * sum(approached)
),
sides AS (
  SELECT a AS number, b AS other, day, made_a AS made, made_b AS received, talks, talk, longest, first_talk,
    first_a AS first_made, first_b AS first_received, last_call, international
  FROM study_pairs
  WHERE day BETWEEN ${firstDay} AND ${day} AND a IN (SELECT number FROM seekers)
  UNION ALL
  SELECT b AS number, a AS other, day, made_b AS made, made_a AS received, talks, talk, longest, first_talk,
    first_b AS first_made, first_a AS first_received, last_call, international
  FROM study_pairs
  WHERE day BETWEEN ${firstDay} AND ${day} AND b IN (SELECT number FROM seekers)
)
SELECT
  number,
  other,
  sum(made) AS made,
  sum(received) AS received,
  sum(talks) AS talks,
  sum(talk) AS talk,
  max(longest) AS longest,
  min_by(first_talk, day) AS first_talk,
  coalesce(min(first_made), 9999999999) <= coalesce(min(first_received), 9999999999) AS opened,
  least(coalesce(min(first_made), 9999999999), coalesce(min(first_received), 9999999999)) AS first_call,
  max(last_call) AS last_call,
  min(day) AS first_day,
  max(day) AS last_day,
  count(*) AS days,
  bool_or(international) AS international
FROM sides
GROUP BY number, other
