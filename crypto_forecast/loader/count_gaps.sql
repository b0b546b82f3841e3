SELECT reason, COUNT(*) AS number
FROM quartet_gap
WHERE project = :project
  AND name = :name
  AND closed_at IS NULL
GROUP BY reason
ORDER BY reason
