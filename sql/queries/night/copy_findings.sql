-- Takes findings in the order of the report. The encoder writes the columns in this order.
COPY redress.finding (run_id, ordinal, code, relation, key, problem, remedy, acceptance)
FROM STDIN (FORMAT binary)
