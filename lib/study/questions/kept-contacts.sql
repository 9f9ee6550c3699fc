-- People whom suspects kept on the line, with each of them.
SELECT
  c.number AS number,
  c.other AS other,
  c.talks AS talks,
  c.talk AS talk,
  c.longest AS longest,
  c.first_talk AS first_talk,
  c.received AS received,
  c.days AS days,
  c.first_call AS first_call,
  c.last_call AS last_call
FROM study_contacts c
JOIN study_suspects s ON s.number = c.number AND s.day = ${day}
WHERE c.day = ${day} AND c.opened AND c.longest >= 240 AND s.contacts <= ${mostContacts}
