-- What a run looks at before it reads anything. Returns: run_id (of the newest run, as long as not all of its rows can be
-- seen, because a node has not committed it yet; null where everything is there), is_distributed (whether a run commits on
-- more than one node).
SELECT redress.hidden_run() AS run_id,
       EXISTS (SELECT 1 FROM pg_catalog.pg_extension WHERE extname = 'citus' LIMIT 1) AS is_distributed
