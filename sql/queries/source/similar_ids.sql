-- Ids that begin or end like a given id and have about its length, at most 5000 of each kind. Used
-- to guess which id was meant.
-- Parameters: the id, kinds to look at. Returns: id. Order: byte order.
SELECT s.id
  FROM ((SELECT customer_id COLLATE "C" AS id FROM redress_source.customer
          WHERE 'customer' = ANY ($2::text[]) AND abs(length(customer_id) - length($1::text)) <= 3
            AND (lower(left(customer_id, 2)) COLLATE "C" = lower(left($1::text, 2))
                 OR lower(right(customer_id, 3)) COLLATE "C" = lower(right($1::text, 3)))
          LIMIT 5000)
        UNION (SELECT subscription_id COLLATE "C" FROM redress_source.subscription_term
          WHERE 'subscription' = ANY ($2::text[]) AND abs(length(subscription_id) - length($1::text)) <= 3
            AND (lower(left(subscription_id, 2)) COLLATE "C" = lower(left($1::text, 2))
                 OR lower(right(subscription_id, 3)) COLLATE "C" = lower(right($1::text, 3)))
          LIMIT 5000)
        UNION (SELECT incident_id COLLATE "C" FROM redress_source.incident
          WHERE 'incident' = ANY ($2::text[]) AND abs(length(incident_id) - length($1::text)) <= 3
            AND (lower(left(incident_id, 2)) COLLATE "C" = lower(left($1::text, 2))
                 OR lower(right(incident_id, 3)) COLLATE "C" = lower(right($1::text, 3)))
          LIMIT 5000)
        UNION (SELECT invoice_id COLLATE "C" FROM redress_source.invoice
          WHERE 'invoice' = ANY ($2::text[]) AND abs(length(invoice_id) - length($1::text)) <= 3
            AND (lower(left(invoice_id, 2)) COLLATE "C" = lower(left($1::text, 2))
                 OR lower(right(invoice_id, 3)) COLLATE "C" = lower(right($1::text, 3)))
          LIMIT 5000)) AS s
 ORDER BY s.id
