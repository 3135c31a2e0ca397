-- Parameter: run_id. Returns: started_at of the committed run; no row where it is not there.
SELECT started_at FROM redress.run WHERE run_id = $1
