-- On how many days suspects dialled, and how much on their busiest.
SELECT
  n.number AS number,
  count(*) AS days,
  max(n.made) AS busiest,
  max(CASE WHEN n.day = ${day} THEN n.made ELSE 0 END) AS today
FROM study_numbers n
JOIN study_suspects s ON s.number = n.number AND s.day = ${day}
WHERE n.day BETWEEN ${firstDay} AND ${day} AND n.made > 0
GROUP BY n.number
