-- The customers of the Enterprise tier, whatever its case. Compared in the collation C: in a Turkish one the small letter
-- of I is not i.
-- Returns: customer_id, name, tier, time_zone, email. Order: customer_id, byte order.
SELECT customer_id, name, tier, time_zone, email
  FROM redress_source.customer
 WHERE lower(tier COLLATE "C") = 'enterprise'
 ORDER BY customer_id COLLATE "C"
