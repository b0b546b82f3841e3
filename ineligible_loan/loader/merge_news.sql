-- What the sources say by now and the raw table does not say yet: new applications, decisions that have come,
-- corrections. A run of an earlier moment takes no decision back.
SELECT a.loan_id, a.applied_at, a.gender, a.married, a.dependents, a.education, a.self_employed, a.applicant_income,
       a.coapplicant_income, a.loan_amount, a.loan_term, a.credit_history, a.property_area, d.decided_at, d.loan_status
FROM ineligible_loan_applications AS a
LEFT JOIN ineligible_loan_decisions AS d ON d.loan_id = a.loan_id AND d.decided_at <= :at
WHERE a.applied_at <= :at
  AND NOT EXISTS (SELECT 1 FROM ineligible_loan_raw AS r WHERE r.loan_id = a.loan_id AND r.decided_at > :at)
EXCEPT
SELECT loan_id, applied_at, gender, married, dependents, education, self_employed, applicant_income,
       coapplicant_income, loan_amount, loan_term, credit_history, property_area, decided_at, loan_status
FROM ineligible_loan_raw
