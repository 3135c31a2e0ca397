-- Takes findings in the order of the report. The column order is the encoder's.
COPY redress.finding (run_id, ordinal, code, relation, key, problem, remedy)
FROM STDIN (FORMAT binary)
