-- The suspects of a studied day.
SELECT * FROM study_suspects WHERE day = ${day}
