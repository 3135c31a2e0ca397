-- How many customers there are, for the progress bar. Returns: customers.
SELECT count(*) AS customers FROM redress_source.customer
