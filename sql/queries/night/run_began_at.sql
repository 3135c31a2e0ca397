-- Parameter: run_id. Returns: started_at of the committed run; no row if there is none.
SELECT started_at FROM redress.run WHERE run_id = $1
