-- What is conspicuous of single terms. A fee with decimals that its currency does not have is told apart where the currency
-- has none at all.
-- Parameter: how many examples of a sign.
-- Returns: sign, total, then six cells of an example: customer_id, subscription_id, plan, fee with currency, valid_from,
-- valid_to.
-- Order: sign, then customer_id, subscription_id, valid_from, plan, byte order.
WITH terms AS MATERIALIZED (
  SELECT t.customer_id COLLATE "C" AS customer_id, t.subscription_id COLLATE "C" AS subscription_id,
         t.plan COLLATE "C" AS plan, t.monthly_fee, t.currency COLLATE "C" AS currency, t.valid_from, t.valid_to,
         redress.currency_decimals(t.currency COLLATE "C") AS decimals,
         ' ' || lower(regexp_replace(
           concat_ws(' ', t.plan COLLATE "C", t.subscription_id COLLATE "C"), '([a-z0-9])([A-Z])', '\1 \2', 'g'))
           || ' ' AS words
    FROM redress_source.subscription_term AS t
), signs AS MATERIALIZED (
  SELECT unnest(array_remove(ARRAY[
           CASE WHEN t.monthly_fee = 0 THEN 'fee_zero' END,
           CASE WHEN t.words COLLATE "C" ~ '[^a-z](trials?|tests?|testing|free|freemium|demo|sandbox|staging|evaluation|eval|poc)[^a-z]'
                THEN 'trial_plan' END,
           CASE WHEN isfinite(t.valid_from) AND isfinite(t.valid_to) AND t.valid_to >= t.valid_from
                     AND t.valid_to < t.valid_from + interval '1 day' THEN 'short_term' END,
           CASE WHEN t.decimals = 0 AND t.monthly_fee <> trunc(t.monthly_fee) THEN 'fee_fraction' END,
           CASE WHEN t.decimals > 0 AND t.monthly_fee <> trunc(t.monthly_fee, t.decimals) THEN 'fee_decimals' END,
           CASE WHEN t.decimals IS NULL THEN 'currency_unknown' END,
           CASE WHEN t.plan IS NULL OR btrim(t.plan COLLATE "C") = '' THEN 'plan_missing' END
         ], NULL)) AS sign,
         t.customer_id, t.subscription_id, t.plan, t.monthly_fee, t.currency, t.valid_from, t.valid_to
    FROM terms AS t
), placed AS (
  SELECT s.sign, s.customer_id, s.subscription_id, s.plan, s.monthly_fee, s.currency, s.valid_from, s.valid_to,
         count(*) OVER (PARTITION BY s.sign COLLATE "C") AS total,
         row_number() OVER (
           PARTITION BY s.sign COLLATE "C"
           ORDER BY s.customer_id COLLATE "C", s.subscription_id COLLATE "C", s.valid_from, s.plan COLLATE "C") AS place
    FROM signs AS s
)
SELECT p.sign, p.total, p.customer_id, p.subscription_id, p.plan,
       concat_ws(' ', trim_scale(p.monthly_fee)::text, coalesce(p.currency, 'without a currency')) AS fee,
       to_char(p.valid_from AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') AS valid_from,
       to_char(p.valid_to AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') AS valid_to
  FROM placed AS p
 WHERE p.place <= $1::bigint
 ORDER BY p.sign COLLATE "C", p.place
