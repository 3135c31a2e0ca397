-- Keeps place_on_invoice and release_invoice, which take the same lock shared, out for as long as the run lasts: what
-- is open must not change under it. Reading goes on. Waits, bounded by lock_timeout, for those that have begun.
SELECT redress.keep_invoicing_out()
