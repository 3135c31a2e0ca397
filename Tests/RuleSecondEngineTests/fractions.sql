-- Exact fractions for the second engine of rules.
--
-- A fraction is two whole numerics, in lowest terms and with a denominator above zero. PostgreSQL adds and multiplies
-- whole numerics exactly, of any size, and div() is the exact whole quotient. Its ordinary division is rounded, so it
-- is used nowhere. Two fractions are compared by multiplying crosswise.
--
-- STRICT keeps these functions from being unfolded into each other, which would repeat each argument many times.

CREATE TYPE fraction AS (n numeric, d numeric);

CREATE FUNCTION fraction(n numeric, d numeric) RETURNS fraction LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT ROW(div(n, gcd(n, d)) * sign(d), abs(div(d, gcd(n, d))))::fraction $$;

CREATE FUNCTION plus(a fraction, b fraction) RETURNS fraction LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT fraction(a.n * b.d + b.n * a.d, a.d * b.d) $$;

CREATE FUNCTION minus(a fraction, b fraction) RETURNS fraction LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT fraction(a.n * b.d - b.n * a.d, a.d * b.d) $$;

CREATE FUNCTION times(a fraction, b fraction) RETURNS fraction LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT fraction(a.n * b.n, a.d * b.d) $$;

CREATE FUNCTION divided(a fraction, b fraction) RETURNS fraction LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT fraction(a.n * b.d, a.d * b.n) $$;

CREATE FUNCTION less(a fraction, b fraction) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT a.n * b.d < b.n * a.d $$;

-- Null does not take part.
CREATE FUNCTION larger(a fraction, b fraction) RETURNS fraction LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT CASE WHEN less(a, b) THEN b ELSE a END $$;

CREATE FUNCTION smaller(a fraction, b fraction) RETURNS fraction LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT CASE WHEN less(b, a) THEN b ELSE a END $$;

-- The largest whole number that is not above it.
CREATE FUNCTION whole(a fraction) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT AS
$$ SELECT div(a.n - mod(mod(a.n, a.d) + a.d, a.d), a.d) $$;

CREATE AGGREGATE total(fraction) (SFUNC = plus, STYPE = fraction, INITCOND = '(0,1)');
CREATE AGGREGATE largest(fraction) (SFUNC = larger, STYPE = fraction);
CREATE AGGREGATE smallest(fraction) (SFUNC = smaller, STYPE = fraction);

-- Credit rules, section 6. Of an amount that is not negative.
CREATE FUNCTION rounded(a fraction, rule text) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT AS
$$
  SELECT CASE rule
    WHEN 'down' THEN whole(a)
    WHEN 'up' THEN -whole(fraction(-a.n, a.d))
    WHEN 'half_up' THEN whole(plus(a, fraction(1, 2)))
    WHEN 'half_even' THEN
      CASE
        WHEN a.d = 2 THEN whole(a) + mod(whole(a), 2)
        ELSE whole(plus(a, fraction(1, 2)))
      END
  END
$$;

-- What is left of an amount under a share of a base and under a sum of money; null for no cap.
CREATE FUNCTION limited(amount fraction, share fraction, base fraction, minor fraction) RETURNS fraction
LANGUAGE sql IMMUTABLE AS
$$
  SELECT larger(
    fraction(0, 1),
    smaller(
      smaller(amount, coalesce(times(share, base), amount)),
      coalesce(minor, amount)))
$$;
