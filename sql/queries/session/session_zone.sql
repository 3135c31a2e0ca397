-- The time zone in which other sessions of this user on this database begin, whatever this
-- session's client asked for: the setting of the user in the database, of the user, of the
-- database, or of the server. Returns: zone.
SELECT COALESCE(
  (SELECT pg_catalog.substr(setting.text, 10)
   FROM pg_catalog.pg_db_role_setting
   CROSS JOIN LATERAL unnest(pg_db_role_setting.setconfig) AS setting (text)
   WHERE setting.text ILIKE 'timezone=%'
   AND pg_db_role_setting.setdatabase IN (
     0, (SELECT pg_database.oid FROM pg_catalog.pg_database WHERE pg_database.datname = pg_catalog.current_database()))
   AND pg_db_role_setting.setrole IN (
     0, (SELECT pg_roles.oid FROM pg_catalog.pg_roles WHERE pg_roles.rolname = session_user))
   ORDER BY pg_db_role_setting.setrole = 0, pg_db_role_setting.setdatabase = 0
   LIMIT 1),
  (SELECT pg_settings.reset_val FROM pg_catalog.pg_settings WHERE pg_settings.name = 'TimeZone')) AS zone
