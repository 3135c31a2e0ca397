-- Returns: the ledger's id as text.
SELECT ledger_id::text AS ledger_id FROM redress.ledger
