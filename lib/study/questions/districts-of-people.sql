-- Where people were seen calling from last; 0 when unknown.
SELECT number, max_by(district, last_call) AS district
FROM study_handsets
WHERE day BETWEEN ${firstDay} AND ${day} AND district > 0
  AND number IN (SELECT number FROM study_shown)
GROUP BY number
