-- Every decision to close or reopen months.
-- Returns: number, action, month, reason, decided_at, decided_by, after_run, digest.
-- Order: number.
SELECT number, action, month, reason, decided_at, decided_by, after_run, digest
  FROM redress.month_closing
 ORDER BY number
