-- In which of these months of these incidents nothing was recorded before. Asked before they are noted, because an INSERT
-- that reads its own table takes more than the right to insert where the table is whole on every node.
-- Parameters: two arrays of the same length, incident_id and billing_month as text.
-- Returns: incident_id, billing_month as text. Order: of the parameters.
SELECT appended.incident_id, appended.billing_month
  FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS appended (incident_id, billing_month, ordinal)
  LEFT JOIN redress.recorded_month AS noted
    ON noted.incident_id = appended.incident_id AND noted.billing_month = appended.billing_month::date
 WHERE noted.incident_id IS NULL
 ORDER BY appended.ordinal
