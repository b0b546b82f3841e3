-- The first thing that the model rows do not know of: features that came, or a label that became known.
SELECT MIN(missed.moment) AS moment
FROM (
    SELECT features.moment
    FROM credit_score_features AS features
    LEFT JOIN credit_score_prepared AS prepared
      ON prepared.id = features.id
     AND prepared.customer_id = features.customer_id
    WHERE features.moment <= :at
      AND (prepared.id IS NULL OR prepared.moment <> features.moment)
    UNION ALL
    SELECT labels.known_at AS moment
    FROM credit_score AS labels
    JOIN credit_score_features AS features
      ON features.id = labels.id
     AND features.customer_id = labels.customer_id
    LEFT JOIN credit_score_prepared AS prepared
      ON prepared.id = labels.id
     AND prepared.customer_id = labels.customer_id
    WHERE labels.known_at <= :at
      AND features.moment <= :at
      AND (prepared.label_at IS NULL OR prepared.label_at <> labels.known_at)
) AS missed
