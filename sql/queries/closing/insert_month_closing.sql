-- Records a decision to close or reopen months, under the run lock. When it was and who are the columns' defaults.
-- Parameters: number, action, month, reason, after_run, the digest of the row before or null.
INSERT INTO redress.month_closing (number, action, month, reason, after_run, digest)
VALUES (
  $1::bigint, $2::text, $3::date, $4::text, $5::bigint,
  redress.month_closing_digest(
    $1::bigint, $2::text, $3::date, $4::text, now(), session_user, $5::bigint, $6::bytea))
