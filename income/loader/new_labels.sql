SELECT l.id, l.known_at, l.income
FROM income_labels l
JOIN income_raw r ON r.id = l.id
WHERE l.known_at <= :at
  AND (r.known_at IS NULL OR COALESCE(r.income, '') <> COALESCE(l.income, ''))
ORDER BY l.id
