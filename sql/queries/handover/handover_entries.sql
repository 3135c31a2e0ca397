-- Every entry, message by message.
-- Returns: customer_id, message_key, entry, attempt, answer, system, invoice_id, currency, subscription_id, incident_id,
-- billing_month, line (these four null of a credit note), amount_minor, said, is_as_noted. Order: customer, key, entry.
SELECT h.customer_id, h.message_key, h.entry, h.attempt, h.answer, h.system, h.invoice_id, h.currency, h.subscription_id,
       h.incident_id, h.billing_month, h.line, h.amount_minor, h.said,
       h.digest = redress.handover_digest(
         h.customer_id, h.message_key, h.entry, h.attempt, h.answer, h.system, h.invoice_id, h.currency, h.subscription_id,
         h.incident_id, h.billing_month, h.line, h.amount_minor, h.said, h.remote_id, h.message, h.noted_at, h.noted_by)
         AS is_as_noted
  FROM redress.handover AS h
 ORDER BY h.customer_id, h.message_key, h.entry
