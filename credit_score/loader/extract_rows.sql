-- Rows touched between two moments: their features came, or their label became known.
WITH touched AS (
    SELECT id, customer_id
    FROM credit_score_features
    WHERE moment >= :since
      AND moment <= :until
    UNION
    SELECT id, customer_id
    FROM credit_score
    WHERE known_at >= :since
      AND known_at <= :until
)
SELECT features.*, labels.score, labels.known_at AS label_at
FROM touched
JOIN credit_score_features AS features
  ON features.id = touched.id
 AND features.customer_id = touched.customer_id
 AND features.moment <= :until
LEFT JOIN credit_score AS labels
  ON labels.id = touched.id
 AND labels.customer_id = touched.customer_id
 AND labels.known_at >= :since
 AND labels.known_at <= :until
