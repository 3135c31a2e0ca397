-- Makes every node that has a part of the ledger take its snapshot.
-- Returns: one boolean that is not looked at.
SELECT EXISTS (SELECT 1 FROM redress.credit_revision LIMIT 1) AS credits
