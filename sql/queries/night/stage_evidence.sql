-- Stages frozen source rows of a part of a run.
-- Parameters: customer ids, digests in hexadecimal, contents; arrays of the same length.
INSERT INTO redress.staged_evidence (customer_id, digest, content)
SELECT e.customer_id, decode(e.digest, 'hex'), e.content
  FROM unnest($1::text[], $2::text[], $3::text[]) AS e (customer_id, digest, content)
