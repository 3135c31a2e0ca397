-- Decides about a finding, in the name of the session's user.
-- Parameters: action, code, relation, key, problem, reason, until_date. Returns: number.
SELECT redress.settle_finding($1::text, $2::text, $3::text, $4::text, $5::text, $6::text, $7::date) AS number
