-- Decisions about findings that are not as they were noted, or whose number is out of order.
-- Returns: number, is_as_noted, expected_number. Order: number.
SELECT chain.number, chain.is_as_noted, chain.expected_number
  FROM (SELECT noted.number,
               (noted.digest = redress.acceptance_digest(
                  noted.number, noted.action, noted.code, noted.relation, noted.key, noted.problem, noted.reason,
                  noted.until_date, noted.run_id, noted.noted_at, noted.noted_by,
                  lag(noted.digest) OVER (ORDER BY noted.number))) IS TRUE AS is_as_noted,
               row_number() OVER (ORDER BY noted.number)::integer AS expected_number
          FROM redress.finding_acceptance AS noted) AS chain
 WHERE NOT (chain.is_as_noted AND chain.number = chain.expected_number)
 ORDER BY chain.number
