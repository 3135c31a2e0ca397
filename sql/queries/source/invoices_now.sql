-- The customers and currencies that invoices have now, whatever their status. Parameter: invoice ids.
-- Returns: ordinal (from 1, of the array), customer_id, currency, status. Order: ordinal, then customer_id, currency, byte order.
SELECT asked.ordinal, i.customer_id, i.currency, i.status
  FROM unnest($1::text[]) WITH ORDINALITY AS asked (invoice_id, ordinal)
  JOIN redress_source.invoice AS i ON i.invoice_id COLLATE "C" = asked.invoice_id COLLATE "C"
 ORDER BY asked.ordinal, i.customer_id COLLATE "C", i.currency COLLATE "C"
