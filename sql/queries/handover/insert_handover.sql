-- Appends an entry. Who noted it and when are the columns' defaults.
-- Parameters: customer_id, message_key, entry, attempt, answer, system, invoice_id, currency, subscription_id, incident_id,
-- billing_month, line (these four null of a credit note), amount_minor, said, remote_id or null, message or null.
INSERT INTO redress.handover
  (customer_id, message_key, entry, attempt, answer, system, invoice_id, currency, subscription_id, incident_id,
   billing_month, line, amount_minor, said, remote_id, message, digest)
VALUES
  ($1::text, $2::text, $3::integer, $4::integer, $5::text, $6::text, $7::text, $8::text, $9::text, $10::text,
   $11::date, $12::integer, $13::bigint, $14::text, $15::text, $16::text,
   redress.handover_digest(
     $1::text, $2::text, $3::integer, $4::integer, $5::text, $6::text, $7::text, $8::text, $9::text, $10::text,
     $11::date, $12::integer, $13::bigint, $14::text, $15::text, $16::text, now(), session_user::text))
