-- The title of one incident. Parameter: incident_id. Returns: title.
SELECT coalesce(min(title), '') AS title FROM redress_source.incident WHERE incident_id = $1
