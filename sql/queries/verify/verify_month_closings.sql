-- Rows of month_closing that differ from their digest, or that another number should stand before.
-- Returns: number, the number that should follow, whether the digest is the row's own.
-- Order: number.
SELECT number, expected, is_own
  FROM (SELECT number, row_number() OVER in_order AS expected,
               digest = redress.month_closing_digest(
                 number, action, month, reason, decided_at, decided_by, after_run, lag(digest) OVER in_order) AS is_own
          FROM redress.month_closing
        WINDOW in_order AS (ORDER BY number)) AS noted
 WHERE number <> expected OR NOT is_own
 ORDER BY number
