-- The customers of the Enterprise tier, in any case, with all their rows in the source. Compared in
-- the collation C: in a Turkish one, the lower case of I is not i.
-- Returns: customer_id, name, tier, time_zone, email. Order: customer_id, byte order.
SELECT customer_id, name, tier, time_zone, email
  FROM redress_source.customer
 WHERE customer_id COLLATE "C" IN (SELECT c.customer_id
                                     FROM redress_source.customer AS c
                                    WHERE lower(btrim(c.tier) COLLATE "C") = 'enterprise')
 ORDER BY customer_id COLLATE "C"
