-- What makes the invoice lines of a run checkable, and how its CSVs begin.
--
-- Both may be null, so that the records of runs from before stay what they were.

-- One change a statement: a distributed database takes no more.
ALTER TABLE redress.run ADD COLUMN invoice_lines_digest bytea;
ALTER TABLE redress.run ADD COLUMN byte_order_mark boolean;
ALTER TABLE redress.run
  ADD CONSTRAINT run_invoice_lines_digest_is_sha256 CHECK (octet_length(invoice_lines_digest) = 32);
COMMENT ON COLUMN redress.run.invoice_lines_digest IS 'SHA-256 of the CSV of invoice lines that the run wrote; null of a run from before there was one.';
COMMENT ON COLUMN redress.run.byte_order_mark IS 'True where the CSVs of the run begin with a byte order mark (--csv-bom); else null.';
