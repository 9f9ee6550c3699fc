-- Handsets and districts that suspects called from over the window, with when.
SELECT
  h.number AS number,
  h.handset AS handset,
  max(h.district) AS district,
  sum(h.made) AS made,
  min(h.first_call) AS first_call,
  max(h.last_call) AS last_call
FROM study_handsets h
JOIN study_suspects s ON s.number = h.number AND s.day = ${day}
WHERE h.day BETWEEN ${firstDay} AND ${day} AND s.contacts <= ${mostContacts}
GROUP BY h.number, h.handset
