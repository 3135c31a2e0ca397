-- Notes that every row of a run can be seen. Parameter: run_id.
INSERT INTO redress.visible_run (run_id)
VALUES ($1)
