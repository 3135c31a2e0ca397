-- Sets the run or month of the report's streams, until the transaction ends.
-- Parameters: name of the setting, its value as text.
SELECT set_config($1, $2, true) AS value
