-- The services that are sold, where nobody has said them otherwise.

CREATE OR REPLACE VIEW redress_source.service AS
SELECT service.service_id, service.name
FROM redress_mapping.service;
