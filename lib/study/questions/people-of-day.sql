-- How many numbers had to do with each other on a day.
SELECT count(*) AS people FROM study_numbers WHERE day = ${day}
