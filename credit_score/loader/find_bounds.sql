-- When the first features came, and the last.
SELECT MIN(moment) AS oldest, MAX(moment) AS newest
FROM credit_score_features
