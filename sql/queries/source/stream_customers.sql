-- Returns: customer_id, name, tier, time_zone. Order: customer_id, byte order.
SELECT customer_id, name, tier, time_zone
  FROM redress_source.customer
 ORDER BY customer_id COLLATE "C"
