-- The frozen policy versions. Returns: version, digest. Order: version.
SELECT version, digest FROM redress.policy_version ORDER BY version
