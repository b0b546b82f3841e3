SELECT slot, asked
FROM quartet_gap
WHERE project = :project
  AND name = :name
  AND closed_at IS NULL
  AND reason IN ('unknown', 'quarantined')
  AND asked < :most
ORDER BY slot
