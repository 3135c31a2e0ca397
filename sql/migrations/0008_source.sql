-- No empty id is a key: a row of the source without an id is reported and never recorded.
--
-- incident_evidence.customer_id is empty on purpose, for what all customers share.

ALTER TABLE redress.credit_revision
  ADD CONSTRAINT credit_revision_ids_are_not_empty
    CHECK (
      customer_id <> '' AND subscription_id <> '' AND incident_id <> '' AND (invoice_id <> '' OR invoice_id IS NULL));

ALTER TABLE redress.invoice_line
  ADD CONSTRAINT invoice_line_ids_are_not_empty
    CHECK (customer_id <> '' AND subscription_id <> '' AND incident_id <> '' AND invoice_id <> '');

ALTER TABLE redress.placement
  ADD CONSTRAINT placement_ids_are_not_empty
    CHECK (customer_id <> '' AND invoice_id <> '');
