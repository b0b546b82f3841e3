SELECT q.*
FROM income_requests q
LEFT JOIN income_raw r ON r.id = q.id
WHERE r.id IS NULL
  AND (q.requested_at IS NULL OR q.requested_at <= :at)
ORDER BY q.id
