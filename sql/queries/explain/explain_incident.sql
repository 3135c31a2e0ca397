-- One incident as the source has it.
-- Parameter: incident_id. Returns: title, severity, status, root_cause; no row if there is none.
-- Order: none.
SELECT title, severity, status, root_cause FROM redress_source.incident WHERE incident_id COLLATE "C" = $1
