-- Whether anything is staged: a run in parts did not come to its end. Returns: are_there.
SELECT EXISTS (SELECT 1 FROM redress.staged_credit_revision LIMIT 1)
       OR EXISTS (SELECT 1 FROM redress.staged_decision LIMIT 1)
       OR EXISTS (SELECT 1 FROM redress.staged_invoice_line LIMIT 1)
       OR EXISTS (SELECT 1 FROM redress.staged_carried_forward LIMIT 1)
       OR EXISTS (SELECT 1 FROM redress.staged_evidence LIMIT 1) AS are_there
