SELECT r.*
FROM income_raw r
LEFT JOIN income_features f ON f.id = r.id
WHERE f.id IS NULL OR f.loaded_at <> r.loaded_at
ORDER BY r.id
