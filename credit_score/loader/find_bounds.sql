-- When the first features came.
SELECT MIN(moment) AS oldest
FROM credit_score_features
