import ResponseProcedures
import ServiceCredits
import Testing

/// Escalation, and what is due after the incident.
extension ComplianceTests {
  // MARK: Escalation

  static let escalation = [
    Case("in time: no trigger", of: ["escalation"], []) { $0.resolved = "4:00" },
    Case(
      "past the target", of: ["escalation"],
      ["escalation past_target 4 due 4:00 done 3:50 kept 10m"]
    ) {
      $0.resolved = "4:01"
      $0.events = [("level 2", "0:10"), ("level 4", "3:50")]
    },
    Case(
      "past the target, and not far enough", of: ["escalation"],
      ["escalation past_target 4 due 4:00 done - missed -60m"]
    ) {
      $0.resolved = "5:00"
      $0.events = [("level 3", "0:10")]
    },
    Case(
      "past the target, and nothing recorded", of: ["escalation"],
      ["escalation past_target 4 due 4:00 done - no_record"]
    ) { $0.resolved = "5:00" },
    Case(
      "open past the target", of: ["escalation"],
      ["escalation past_target 3 due 8:00 done - missed -60m"]
    ) {
      $0.severity = .p1
      $0.asOf = "9:00"
    },
    Case("open at the target", of: ["escalation"], []) {
      $0.severity = .p1
      $0.asOf = "8:00"
    },
    Case(
      "a level beyond the one asked for", of: ["escalation"],
      ["escalation past_target 3 due 8:00 done 8:00 kept 0m"]
    ) {
      $0.severity = .p1
      $0.resolved = "9:00"
      $0.events = [("level 4", "8:00")]
    },
    Case("revenue impact on nobody of Enterprise", of: ["escalation"], []) {
      $0.resolved = "1:00"
      $0.hasRevenueImpact = true
    },
    Case(
      "revenue impact, from the first customer on", of: ["escalation"],
      ["escalation revenue_impact 2 due 0:50 done 0:51 missed -1m"]
    ) {
      $0.resolved = "1:00"
      $0.hasRevenueImpact = true
      $0.customers = [("a", "0:40"), ("b", "0:20")]
      $0.events = [("level 2", "0:51")]
    },
    Case(
      "security", of: ["escalation"], ["escalation security 2 due 0:30 done 0:30 kept 0m"]
    ) {
      $0.severity = .p2
      $0.resolved = "1:00"
      $0.concernsSecurity = true
      $0.events = [("level 2", "0:30")]
    },
    Case(
      "security that became P0 asks for more from then on", of: ["escalation"],
      ["escalation security 3 due 1:30 done 1:20 kept 10m"]
    ) {
      $0.windows = [(.p2, "0:00", nil), (.p0, "1:00", nil)]
      $0.resolved = "2:00"
      $0.concernsSecurity = true
      $0.events = [("level 2", "0:30"), ("level 3", "1:20")]
    },
    Case(
      "a worse severity that asks for no more changes nothing", of: ["escalation"],
      ["escalation security 3 due 0:30 done 0:40 missed -10m"]
    ) {
      $0.windows = [(.p1, "0:00", nil), (.p0, "1:00", nil)]
      $0.resolved = "2:00"
      $0.concernsSecurity = true
      $0.events = [("level 3", "0:40")]
    },
    Case(
      "several at once, from when both were going on", of: ["escalation"],
      ["escalation several_incidents 3 due 1:15 done - no_record"]
    ) {
      $0.resolved = "2:00"
      $0.companion = "0:45"
    },
  ]

  // MARK: After the incident

  static let after = ["post_mortem", "action"]

  static let aftermath = [
    // Monday the 5th; the 12th is a holiday, so the fifth business day is Tuesday the 13th.
    Case(
      "five business days, over a week end and a holiday", of: after,
      ["post_mortem due d+8 12:00 done d+8 12:00 kept 0m"]
    ) {
      $0.resolved = "1:00"
      $0.postMortem = .completed(at: ComplianceStory.instant("d+8 12:00"))
    },
    Case(
      "a microsecond late", of: after,
      ["post_mortem due d+8 12:00 done d+8 12:00+1us missed 0m-1us"]
    ) {
      $0.resolved = "1:00"
      $0.postMortem = .completed(at: ComplianceStory.instant("d+8 12:00+1us"))
    },
    Case(
      "resolved at midnight belongs to the day that begins", of: after,
      ["post_mortem due d+9 12:00 done - no_record"]
    ) { $0.resolved = "12:00" },
    Case(
      "resolved on a Saturday", of: after, ["post_mortem due d+14 12:00 done - pending 5760m"]
    ) {
      $0.resolved = "d+5 1:00"
      $0.asOf = "d+10 12:00"
    },
    Case(
      "begun and past due is missed", of: after, ["post_mortem due d+8 12:00 done - missed -30960m"]
    ) {
      $0.resolved = "1:00"
      $0.postMortem = .begun
    },
    Case("none for a P2", of: after, []) {
      $0.severity = .p2
      $0.resolved = "1:00"
      $0.items = [("x", nil)]
    },
    Case("none while it is open", of: after, []) { $0.asOf = "1:00" },
    Case(
      "shared with those who were affected and asked", of: ["post_mortem_shared"],
      [
        "post_mortem_shared a due d+8 12:00 done d+8 1:00 kept 660m",
        "post_mortem_shared b due d+9 12:00 done - missed -29520m",
      ]
    ) {
      $0.resolved = "1:00"
      $0.customers = [("a", "0:00"), ("b", "0:00"), ("c", "0:00")]
      // a asked before it was resolved, z was not affected.
      $0.events = [
        ("asked a", "0:30"), ("shared a", "d+8 1:00"), ("asked b", "d+1 1:00"),
        ("asked z", "d+1 1:00"), ("shared c", "d+1 1:00"),
      ]
    },
    Case(
      "action items are tracked to the last", of: ["action"],
      ["action_items due - done d+9 0:00 kept"]
    ) {
      $0.resolved = "1:00"
      $0.items = [("x", "d+9 0:00"), ("y", "d+3 0:00")]
    },
    Case("one that is open", of: ["action"], ["action_items due - done - pending"]) {
      $0.resolved = "1:00"
      $0.items = [("x", "d+9 0:00"), ("y", nil)]
    },
  ]
}
