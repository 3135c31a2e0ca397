-- What is conspicuous of plans: names that are periods, fees of one plan that differ by the number of a period or by a
-- hundred, and a currency of a plan that is far away from another.
--
-- Fees are compared as whole cents, because a twelfth of them may have been rounded. A plan with more than 20 fees in a
-- currency has prices of its own for each customer, and is not compared. Of currencies, only those are compared whose
-- worth in US dollars is known to an order of magnitude; a currency without decimals is worth less than a tenth. A
-- currency that no plan has beside a major one is compared over all plans, more loosely.
-- Parameter: how many examples of a sign.
-- Returns: sign, total (plans, services and currencies), then six cells of an example: plan, service_id, and of fee_factor
-- the lower fee, the higher fee, their factor; of currency_factor the median of the plan's first currency, that of the
-- other, what it was expected to be; of period_plan the currency with the number of terms, the lowest and highest fee.
-- Order: sign, plan, service_id, currency, fee, byte order.
WITH fees AS MATERIALIZED (
  SELECT t.plan COLLATE "C" AS plan, t.service_id COLLATE "C" AS service_id, t.currency COLLATE "C" AS currency,
         t.monthly_fee AS fee, count(*) AS terms
    FROM redress_source.subscription_term AS t
   WHERE t.monthly_fee > 0 AND t.monthly_fee::text COLLATE "C" NOT IN ('NaN', 'Infinity') AND t.plan IS NOT NULL
     AND redress.currency_decimals(t.currency COLLATE "C") IS NOT NULL
   GROUP BY t.plan COLLATE "C", t.service_id COLLATE "C", t.currency COLLATE "C", t.monthly_fee
), plans AS MATERIALIZED (
  SELECT f.plan COLLATE "C" AS plan, f.service_id COLLATE "C" AS service_id, f.currency COLLATE "C" AS currency,
         sum(f.terms)::bigint AS terms, count(*) AS fees, min(f.fee) AS low,
         max(f.fee) AS high, percentile_disc(0.5) WITHIN GROUP (ORDER BY f.fee) AS median,
         ' ' || lower(regexp_replace(f.plan COLLATE "C", '([a-z0-9])([A-Z])', '\1 \2', 'g')) || ' ' AS words
    FROM fees AS f
   GROUP BY f.plan COLLATE "C", f.service_id COLLATE "C", f.currency COLLATE "C"
), few AS MATERIALIZED (
  SELECT f.plan, f.service_id, f.currency, f.fee
    FROM fees AS f
    JOIN plans AS p
      ON p.plan COLLATE "C" = f.plan COLLATE "C" AND p.service_id COLLATE "C" = f.service_id COLLATE "C"
     AND p.currency COLLATE "C" = f.currency COLLATE "C"
   WHERE p.fees BETWEEN 2 AND 20
), factors AS MATERIALIZED (
  SELECT DISTINCT ON (low.plan COLLATE "C", low.service_id COLLATE "C", low.currency COLLATE "C")
         low.plan COLLATE "C" AS plan, low.service_id COLLATE "C" AS service_id,
         low.currency COLLATE "C" AS currency, low.fee AS low, high.fee AS high, v.words
    FROM few AS low
   CROSS JOIN (VALUES (12.0, '12: a year'), (100.0, '100: minor units'), (1000.0, '1000: minor units'),
                      (13.0 / 3.0, '52/12: a week'), (7.0, '7: a week of days'), (365.0 / 12.0, '365/12: a day')) AS v (factor, words)
    JOIN few AS high
      ON high.plan COLLATE "C" = low.plan COLLATE "C" AND high.service_id COLLATE "C" = low.service_id COLLATE "C"
     AND high.currency COLLATE "C" = low.currency COLLATE "C" AND round(high.fee, 2) = round(low.fee * v.factor, 2)
   ORDER BY low.plan COLLATE "C", low.service_id COLLATE "C", low.currency COLLATE "C", low.fee, high.fee
), worths AS (
  SELECT v.currency, v.low, v.high
    FROM (VALUES ('USD', 0.02, 50.0), ('EUR', 0.02, 50.0), ('GBP', 0.02, 50.0), ('CHF', 0.02, 50.0), ('CAD', 0.02, 50.0),
                 ('AUD', 0.02, 50.0), ('NZD', 0.02, 50.0), ('SGD', 0.02, 50.0),
                 ('BHD', 0.01, 10.0), ('KWD', 0.01, 10.0), ('OMR', 0.01, 10.0), ('JOD', 0.01, 10.0),
                 ('JPY', 10.0, 5000.0), ('KRW', 50.0, 50000.0), ('CLP', 50.0, 50000.0), ('ISK', 10.0, 5000.0),
                 ('XOF', 20.0, 20000.0), ('XAF', 20.0, 20000.0)) AS v (currency, low, high)
), anchors AS MATERIALIZED (
  SELECT DISTINCT ON (p.plan COLLATE "C", p.service_id COLLATE "C")
         p.plan COLLATE "C" AS plan, p.service_id COLLATE "C" AS service_id, p.currency COLLATE "C" AS currency, p.median
    FROM plans AS p
    JOIN worths AS w ON w.currency COLLATE "C" = p.currency COLLATE "C" AND w.high = 50.0
   ORDER BY p.plan COLLATE "C", p.service_id COLLATE "C", p.terms DESC, p.currency COLLATE "C"
), whole AS MATERIALIZED (
  SELECT f.currency COLLATE "C" AS currency, sum(f.terms)::bigint AS terms, percentile_disc(0.5) WITHIN GROUP (ORDER BY f.fee) AS median
    FROM fees AS f
   GROUP BY f.currency COLLATE "C"
), anchor AS MATERIALIZED (
  SELECT a.currency, a.median
    FROM whole AS a
    JOIN worths AS w ON w.currency COLLATE "C" = a.currency COLLATE "C" AND w.high = 50.0
   ORDER BY a.terms DESC, a.currency COLLATE "C"
   LIMIT 1
), beside AS MATERIALIZED (
  SELECT p.currency COLLATE "C" AS currency
    FROM plans AS p
    JOIN anchors AS a ON a.plan COLLATE "C" = p.plan COLLATE "C" AND a.service_id COLLATE "C" = p.service_id COLLATE "C"
   GROUP BY p.currency COLLATE "C"
), signs AS MATERIALIZED (
  SELECT 'period_plan' AS sign, p.plan, p.service_id, p.currency AS third, p.terms::text AS fourth,
         trim_scale(p.low)::text AS fifth, trim_scale(p.high)::text AS sixth
    FROM plans AS p
   WHERE p.words COLLATE "C" ~ '[^a-z](dai?ly|days?|weeks?|weekly|bi-?weekly|fortnight(ly)?|quarters?|quarterly|half-?year(ly)?|semi-?annual(ly)?|annual(ly)?|annum|years?|yearly|biennial(ly)?|hourly|hours?)[^a-z]'
   UNION ALL
  SELECT 'fee_factor', f.plan, f.service_id, f.currency, trim_scale(f.low)::text, trim_scale(f.high)::text, f.words
    FROM factors AS f
   UNION ALL
  SELECT 'currency_factor', p.plan, p.service_id, concat_ws(' ', trim_scale(a.median)::text, a.currency),
         concat_ws(' ', trim_scale(p.median)::text, p.currency),
         trim_scale(round(a.median * w.low, 2))::text, trim_scale(round(a.median * w.high, 2))::text
    FROM plans AS p
    JOIN anchors AS a ON a.plan COLLATE "C" = p.plan COLLATE "C" AND a.service_id COLLATE "C" = p.service_id COLLATE "C"
    JOIN worths AS w ON w.currency COLLATE "C" = p.currency COLLATE "C"
   WHERE p.currency COLLATE "C" <> a.currency COLLATE "C"
     AND (p.median < a.median * w.low OR p.median > a.median * w.high)
   UNION ALL
  SELECT 'currency_factor', 'all plans', NULL, concat_ws(' ', trim_scale(a.median)::text, a.currency),
         concat_ws(' ', trim_scale(h.median)::text, h.currency),
         trim_scale(round(a.median * w.low / 5, 2))::text, trim_scale(round(a.median * w.high * 5, 2))::text
    FROM whole AS h
    JOIN worths AS w ON w.currency COLLATE "C" = h.currency COLLATE "C"
   CROSS JOIN anchor AS a
    LEFT JOIN beside AS b ON b.currency COLLATE "C" = h.currency COLLATE "C"
   WHERE b.currency IS NULL AND (h.median < a.median * w.low / 5 OR h.median > a.median * w.high * 5)
), placed AS (
  SELECT s.sign, s.plan, s.service_id, s.third, s.fourth, s.fifth, s.sixth,
         count(*) OVER (PARTITION BY s.sign COLLATE "C") AS total,
         row_number() OVER (
           PARTITION BY s.sign COLLATE "C"
           ORDER BY s.plan COLLATE "C", s.service_id COLLATE "C", s.third COLLATE "C") AS place
    FROM signs AS s
)
SELECT p.sign, p.total, p.plan, p.service_id, p.third, p.fourth, p.fifth, p.sixth
  FROM placed AS p
 WHERE p.place <= $1::bigint
 ORDER BY p.sign COLLATE "C", p.place
