package import Digests
import PlainText
package import ServiceCredits

extension PolicyFile {
  /// One version as a policy file of its own, with every value written out. Equal versions give the
  /// same bytes. The ledger keeps and compares this text.
  ///
  /// Reading it gives an equal version.
  package static func canonicalText(of version: PolicyVersion) -> String {
    var lines = ["versions:"]
    lines.append("  - version: \(quoted(version.name))")
    lines.append("    effective_from: \(version.effectiveFrom.text)")
    lines.append("    time_zone: \(version.timeZone)")
    append(version.terms, to: &lines, indentation: "    ", of: version)
    lines.append("    overlap: \(version.overlap.rawValue)")
    lines.append("    rounding: \(version.rounding.rawValue)")
    append(version.exclusions, to: &lines)
    let least = version.minimum.share.map { RuleValue.share($0).text }
    lines.append("    minimum: \(least ?? amounts(version.minimum.amounts))")
    if let claim = version.claim {
      lines.append(
        "    claim: {within: \(claim.withinDays)d, after: \(claim.after.rawValue)}")
    }
    append(version.plans, to: &lines, of: version)
    // Left out where it is the default, so that versions from before have the same digest.
    if version.overcredited != .report {
      lines.append("    overcredited: \(version.overcredited.rawValue)")
    }
    if let balance = version.balance { lines.append("    balance: \(balance.rawValue)") }
    let share = version.limits.shareOfMonthlyFees.map { "\($0.percentText)%" } ?? "none"
    lines.append("    limits:")
    lines.append("      share_of_monthly_fees: \(share)")
    lines.append("      granted: \(amounts(version.limits.granted))")
    lines.append("      taken_back: \(amounts(version.limits.takenBack))")
    // Left out where they are not set, so that the digest of an earlier version stays.
    if !version.limits.floor.isEmpty {
      lines.append("      floor: \(amounts(version.limits.floor))")
    }
    if version.limits.twoPersons { lines.append("      two_persons: true") }
    // Left out where it is the default, so that what earlier releases have frozen keeps its digest.
    if version.lateCorrections != PolicyDefaults.lateCorrections {
      lines.append("    late_corrections: \(version.lateCorrections.rawValue)")
    }
    if version.rewrittenPast != .report {
      lines.append("    rewritten_past: \(version.rewrittenPast.rawValue)")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The version that `canonicalText` describes. Reads texts of earlier releases too.
  /// - Parameter name: the file's name in errors.
  /// - Throws: `PolicyErrors` unless the text is exactly one version.
  package static func version(
    canonicalText: [UInt8], name: String
  ) throws(PolicyErrors) -> PolicyVersion {
    let versions = try parse(bytes: canonicalText, name: name, isKept: true).versions
    guard versions.count == 1 else {
      throw PolicyErrors(file: name, .rule(.severalVersions(versions.count)))
    }
    return versions[0]
  }

  /// - Parameter version: whose terms a plan inherits, unless it says otherwise.
  private static func append(
    _ terms: PlanRules, to lines: inout [String], indentation: String, of version: PolicyVersion
  ) {
    switch terms.rule {
    case .tiers(let tiers):
      lines.append("\(indentation)tiers:\(tiers.isEmpty ? " []" : "")")
      for tier in tiers {
        let duration = DurationText.short(tier.longerThanMicroseconds)
        lines.append(
          "\(indentation)  - {severity: \(tier.severity.code), longer_than: \(duration), "
            + "credit: \(tier.credit.percentText)%}")
      }
      // Tiers are tiers only where nothing else is inherited.
      if case .rules(let set) = version.terms.rule {
        if set.base != BaseRule() {
          lines.append("\(indentation)base: \(BaseRule().written.text)")
        }
        if !set.raiseTo.isEmpty { lines.append("\(indentation)raise_to: {}") }
      }
      lines.append("\(indentation)cap: \(terms.cap.percentText)%")
    case .rules(let set): append(set, to: &lines, indentation: indentation)
    }
  }

  private static func append(_ set: RuleSet, to lines: inout [String], indentation: String) {
    lines.append("\(indentation)rules:\(set.rules.isEmpty ? " []" : "")")
    for rule in set.rules {
      lines.append("\(indentation)  - \(rule.written(beside: set.base).text)")
    }
    lines.append("\(indentation)combine: \(set.combine.rawValue)")
    lines.append("\(indentation)base: \(set.base.written.text)")
    lines.append("\(indentation)cap:\(set.caps.isEmpty ? " none" : "")")
    for cap in set.caps {
      lines.append("\(indentation)  - {per: \(cap.per.rawValue), most: \(cap.most.text)}")
    }
    lines.append("\(indentation)raise_to: \(amounts(set.raiseTo))")
  }

  /// The rules of a clause: what `Rule.clause` wrote, or a list of several.
  /// - Throws: `PolicyErrors` unless the text is one rule or more, and nothing else.
  package static func rules(clause: [UInt8]) throws(PolicyErrors) -> [Rule] {
    let text = PolicyText(clause)
    guard text.errors.isEmpty else { throw PolicyErrors(file: "clause", text.errors) }
    let decoder = PolicyDecoder(clause: PolicyTree(text.bytes))
    guard decoder.errors.isEmpty else { throw PolicyErrors(file: "clause", decoder.errors) }
    return decoder.rules
  }

  private static func append(_ exclusions: [ExclusionRule], to lines: inout [String]) {
    lines.append("    exclude:\(exclusions.isEmpty ? " []" : "")")
    for rule in exclusions {
      let announced = rule.announcedMicroseconds.map { ", announced: \(DurationText.short($0))" }
      lines.append("      - {kind: \(rule.kind.rawValue)\(announced ?? "")}")
    }
  }

  private static func append(
    _ plans: [String: PlanRules], to lines: inout [String], of version: PolicyVersion
  ) {
    lines.append("    plans:\(plans.isEmpty ? " {}" : "")")
    let sorted = plans.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    for (name, terms) in sorted {
      let key = quoted(name)
      // YAML allows 1024 characters for a key, but any number for a key after a question mark.
      let isLong = key.unicodeScalars.count > 1000
      lines.append(contentsOf: isLong ? ["      ? \(key)", "      :"] : ["      \(key):"])
      append(terms, to: &lines, indentation: "        ", of: version)
    }
  }

  private static func amounts(_ amounts: [Currency: Int64]) -> String {
    let entries = amounts.sorted { $0.key < $1.key }
      .map { "\($0.key.code): \(PolicyAmount.text($0.value, in: $0.key))" }
    return "{\(entries.joined(separator: ", "))}"
  }

  /// The text between double quotes, on one line, with invisible characters escaped.
  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      if scalar == "\"" || scalar == "\\" {
        quoted += "\\"
        quoted.unicodeScalars.append(scalar)
      } else if Quoted.isInvisible(scalar) {
        quoted += Quoted.escape(scalar.value)
      } else {
        quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}

extension PolicyFile {
  /// SHA-256 of the version's canonical text. A version is frozen by it.
  package static func digest(of version: PolicyVersion) -> SHA256Digest {
    SHA256.hash(Array(canonicalText(of: version).utf8))
  }
}
