-- Every service.
-- Returns: service_id, name. Order: service_id, name, byte order.
SELECT service_id, name
  FROM redress_source.service
 ORDER BY service_id COLLATE "C", name COLLATE "C"
