SELECT COUNT(*) AS known, COUNT(*) - COUNT(decided_at) AS waiting
FROM ineligible_loan_raw
WHERE applied_at <= :at
