-- Whether the current user may record an approval, and the name of the session's user.
-- Returns: may_approve, database_user.
SELECT pg_catalog.has_any_column_privilege('redress.approval', 'INSERT') AS may_approve,
       session_user::text AS database_user
