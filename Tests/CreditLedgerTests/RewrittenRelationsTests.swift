import Postgres
import RedressSQL
import TestSupport
import Testing

/// Which changes by other sessions replace the rows that a snapshot sees in a relation.
@Suite("Rewritten relations")
struct RewrittenRelationsTests {
  private static let setUp = """
    CREATE TABLE public.terms (id integer, note text);
    CREATE MATERIALIZED VIEW public.copied AS SELECT id FROM public.terms;
    CREATE VIEW redress_source.seen AS SELECT t.id FROM public.terms AS t JOIN public.copied AS c USING (id);
    INSERT INTO public.terms SELECT generate_series(1, 10);
    """

  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let statements: [String]
    /// The relations that the query returns.
    let found: [String]
    var testDescription: String { name }
  }

  static let cases = [
    Case(name: "nothing", statements: [], found: []),
    Case(
      name: "emptied and filled again",
      statements: ["BEGIN; TRUNCATE public.terms; INSERT INTO public.terms VALUES (1); COMMIT"],
      found: ["public.terms"]),
    Case(name: "emptied", statements: ["TRUNCATE public.terms"], found: ["public.terms"]),
    Case(
      name: "written anew", statements: ["ALTER TABLE public.terms ALTER note TYPE varchar(9)"],
      found: ["public.terms"]),
    Case(
      name: "another in its place",
      statements: [
        """
        BEGIN; CREATE TABLE public.next (id integer, note text); INSERT INTO public.next VALUES (1);
        CREATE OR REPLACE VIEW redress_source.seen AS SELECT t.id FROM public.next AS t; COMMIT
        """
      ], found: ["public.next"]),
    Case(
      name: "refreshed", statements: ["REFRESH MATERIALIZED VIEW public.copied"],
      found: ["public.copied"]),
    Case(
      name: "both",
      statements: [
        "TRUNCATE public.terms", "REFRESH MATERIALIZED VIEW public.copied",
      ], found: ["public.copied", "public.terms"]),
    Case(
      name: "changed row by row",
      statements: [
        "BEGIN; DELETE FROM public.terms; INSERT INTO public.terms VALUES (1); COMMIT",
        "UPDATE public.terms SET note = 'x'", "VACUUM public.terms", "ANALYZE public.terms",
      ], found: []),
    Case(
      name: "indexed anew",
      statements: ["CREATE INDEX terms_id ON public.terms (id)", "REINDEX TABLE public.terms"],
      found: []),
    Case(
      name: "a column more", statements: ["ALTER TABLE public.terms ADD COLUMN more text"],
      found: []),
  ]

  @Test("what others did after the snapshot", arguments: cases)
  func after(_ item: Case) throws {
    let ledger = try LedgerDatabase()
    let database = ledger.database
    try database.execute(RewrittenRelationsTests.setUp)
    let reader = try database.connect()
    try reader.begin(.reading(), lockTimeoutSeconds: 1)
    try reader.execute("SELECT pg_export_snapshot()")
    for statement in item.statements { try database.execute(statement) }
    try reader.execute("SELECT FROM redress_source.seen")
    #expect(try reader.column(RedressSQL.Query.rewrittenRelations.text) == item.found)
    // A session that holds its locks is not affected by later changes.
    try reader.rollback()
    try reader.begin(.reading(), lockTimeoutSeconds: 1)
    try reader.execute("SELECT FROM redress_source.seen")
    #expect(try reader.column(RedressSQL.Query.rewrittenRelations.text) == [])
  }
}
