-- Records an applied migration. Parameters: number, name, digest.
INSERT INTO redress.schema_migration (number, name, digest)
VALUES ($1, $2, $3)
