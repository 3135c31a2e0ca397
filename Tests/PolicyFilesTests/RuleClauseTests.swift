import SeededRandom
import ServiceCredits
import Testing

@testable import PolicyFiles

/// One line that says which rule decided, and which part of it.
@Suite struct RuleClauseTests {
  struct Row: Sendable {
    let rule: String
    let reason: EarnedReason
    let clause: String
    let words: String
  }

  @Test(arguments: [
    Row(
      rule:
        "{kind: steps, of: uptime, steps: [{below: 99.9%, credit: 10%}, {below: 99%, credit: 25%}]}",
      reason: .step(0),
      clause:
        "{kind: steps, of: uptime, per: month, severity: P0, steps: [{below: 99.9%, credit: 10%}]}",
      words: "uptime below 99.9 %: 10 %"),
    // The step that is met first comes first, wherever it stands.
    Row(
      rule:
        "{kind: steps, of: uptime, steps: [{below: 99%, credit: 25%}, {below: 99.9%, credit: 10%}]}",
      reason: .step(1),
      clause:
        "{kind: steps, of: uptime, per: month, severity: P0, steps: [{below: 99%, credit: 25%}]}",
      words: "uptime below 99 %: 25 %"),
    Row(
      rule:
        "{kind: steps, of: outage, severity: P1, steps: [{at_least: 90m, credit: {amount: {GBP: 9.760, EUR: 11}}}]}",
      reason: .step(0),
      clause:
        "{kind: steps, of: outage, per: month, severity: P1, "
        + "steps: [{at_least: 1h30m, credit: {amount: {EUR: 11, GBP: 9.76}}}]}",
      words: "outage at P1 or worse of at least 1 hour 30 minutes: 11 EUR or 9.76 GBP"),
    Row(
      rule: "{kind: steps, of: outages, steps: [{more_than: 1, credit: 2d}]}", reason: .step(0),
      clause:
        "{kind: steps, of: outages, per: month, severity: P0, steps: [{more_than: 1, credit: 2d}]}",
      words: "number of outages above 1: 2 days"),
    Row(
      rule: "{kind: per_unit, of: outage, unit: 30m, counted: started, credit: 5.0%}",
      reason: .units(7),
      clause:
        "{kind: per_unit, of: outage, per: month, severity: P0, unit: 30m, counted: started, credit: 5%}",
      words: "each started 30 minutes: 5 %"),
    Row(
      rule:
        "{kind: per_unit, of: outage, unit: local_day, counted: any, grace: {calendar_days: 2}, "
        + "rates: [{from: 3, credit: {largest: [{amount: 5.00}, 10%]}}, {from: 5, credit: 20%}]}",
      reason: .units(2),
      clause:
        "{kind: per_unit, of: outage, per: month, severity: P0, unit: local_day, counted: any, "
        + "grace: {calendar_days: 2}, "
        + "rates: [{from: 3, credit: {largest: [{amount: 5}, 10%]}}, {from: 5, credit: 20%}]}",
      words:
        "each day with an outage after 2 days: the larger of 5 and 10 % from number 3 on, 20 % from number 5 on"
    ),
    Row(
      rule:
        "{kind: per_unit, of: uptime, short_of: 99.9%, unit: 0.1%, counted: complete, credit: 1%}",
      reason: .units(1),
      clause:
        "{kind: per_unit, of: uptime, per: month, severity: P0, short_of: 99.9%, unit: 0.1%, "
        + "counted: complete, credit: 1%}",
      words: "each complete 0.1 % that uptime is short of 99.9 %: 1 %"),
    Row(
      rule: "{kind: multiple, of: downtime, times: 10}", reason: .whole,
      clause: "{kind: multiple, of: downtime, per: month, severity: P0, times: 10}",
      words: "10 times the fee for the time down"),
    Row(
      rule:
        "{kind: multiple, of: downtime, per: quarter, base: {fee: billed}, count: {round: 2, weigh: share}, "
        + "if: {uptime_below: 99.99%}, times: 1, free: 0.01%}", reason: .whole,
      clause:
        "{kind: multiple, of: downtime, per: quarter, severity: P0, count: {round: 2, weigh: share}, "
        + "base: {fee: billed, share: 100%, month_length: actual, days: actual}, "
        + "if: {uptime_below: 99.99%}, times: 1, free: 0.01%}",
      words:
        "the billed fee for the time down in the quarter beyond 0.01 % of the period, if uptime is below 99.99 %"
    ),
  ])
  func sayWhatDecided(row: Row) throws {
    let rule = try #require(try PolicyFile.rules(clause: Array(row.rule.utf8)).first)
    #expect(rule.clause(row.reason) == row.clause)
    let deciding = try #require(try PolicyFile.rules(clause: Array(row.clause.utf8)).first)
    #expect(deciding.words == row.words)
    #expect(deciding.clause(.whole) == row.clause)
  }

  /// A clause can be read again, whatever the rule is.
  @Test func everyClauseIsReadAgain() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<2000 {
      let rule = Rule.random(.quarter, BaseRule(), using: &random)
      let clause = rule.clause(.whole)
      #expect(try PolicyFile.rules(clause: Array(clause.utf8)) == [rule], "seed \(seed): \(clause)")
      #expect(!rule.words.isEmpty)
    }
  }

  /// Where several rules add up, all of them decided.
  @Test func severalRulesAreOneClause() throws {
    let one = "{kind: multiple, of: downtime, per: month, severity: P0, times: 1}"
    let other = "{kind: multiple, of: outage, per: month, severity: P0, times: 6}"
    let rules = try PolicyFile.rules(clause: Array("[\(one), \(other)]".utf8))
    #expect(rules.map { $0.clause(.whole) } == [one, other])
  }

  @Test(arguments: [
    "", "{}", "[]", "{kind: multiple, of: downtime}", "[1]", "{kind: steps, of: uptime, steps: []}",
  ])
  func otherTextIsRefused(text: String) {
    #expect(throws: PolicyErrors.self) { try PolicyFile.rules(clause: Array(text.utf8)) }
  }
}
