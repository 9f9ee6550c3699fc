-- What each number did on a day: how many it dialled first, how many came to it, and how long it talked.
SELECT
  number,
  CAST(sum(made) AS INTEGER) AS made,
  CAST(sum(received) AS INTEGER) AS received,
  CAST(sum(CASE WHEN opened THEN 1 ELSE 0 END) AS INTEGER) AS opened,
  CAST(sum(CASE WHEN opened THEN 0 ELSE 1 END) AS INTEGER) AS approached,
  CAST(sum(talk) AS INTEGER) AS talk,
  max(CASE WHEN opened THEN talk ELSE 0 END) AS deepest
FROM (
  SELECT a AS number, made_a AS made, made_b AS received, talk,
    first_a IS NOT NULL AND (first_b IS NULL OR first_a <= first_b) AS opened
  FROM study_pairs
  WHERE day = ${day}
  UNION ALL
  SELECT b AS number, made_b AS made, made_a AS received, talk,
    first_b IS NOT NULL AND (first_a IS NULL OR first_b < first_a) AS opened
  FROM study_pairs
  WHERE day = ${day}
) AS sides
GROUP BY number
