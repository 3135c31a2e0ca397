import ServiceCredits

/// Cases about the time in which an incident was a P0, with results calculated by hand.
extension ComplianceTests {
  // MARK: Customers of a P0

  /// P3 on one service from 12:00, P0 on another from 14:00, and P0 on the first from 15:00.
  private static func rises(_ story: inout ComplianceStory) {
    story.windows = [(.p3, "0:00", "0:10"), (.p0, "2:00", "4:00"), (.p0, "3:00", "4:00")]
    story.resolved = "4:00"
  }

  static let customers = [
    Case(
      "touched before it was a P0 and again later", of: ["customer"],
      ["customer_notified a due 3:30 done 3:05 kept 25m"]
    ) {
      rises(&$0)
      $0.customers = [("a", "0:00-0:10 3:00-4:00")]
      $0.events = [("notified a", "3:05")]
    },
    Case("touched before it was a P0 alone", of: ["customer", "resolution_message"], []) {
      rises(&$0)
      $0.customers = [("a", "0:00-0:10")]
    },
    Case(
      "touched from before on", of: ["customer"],
      ["customer_notified a due 2:30 done - no_record"]
    ) {
      rises(&$0)
      $0.customers = [("a", "0:05-2:10")]
    },
    Case("touched until the instant of the rise", of: ["customer"], []) {
      rises(&$0)
      $0.customers = [("a", "0:05-2:00")]
    },
    Case(
      "touched until a microsecond after the rise", of: ["customer"],
      ["customer_notified a due 2:30 done - no_record"]
    ) {
      rises(&$0)
      $0.customers = [("a", "0:05-2:00+1us")]
    },
    Case(
      "between two windows the incident is still a P0", of: ["customer"],
      ["customer_notified a due 3:00 done - no_record"]
    ) {
      $0.windows = [(.p0, "0:00", "1:00"), (.p0, "2:00", "3:00"), (.p3, "2:30", "3:00")]
      $0.resolved = "3:00"
      $0.customers = [("a", "2:30-3:00")]
    },
    Case("touched after it became milder", of: ["customer"], []) {
      $0.windows = [(.p0, "0:00", "1:00"), (.p3, "1:00", "3:00")]
      $0.resolved = "3:00"
      $0.customers = [("a", "1:00-3:00")]
    },
    Case("touched after it was resolved", of: ["customer"], []) {
      $0.resolved = "3:00"
      $0.customers = [("a", "3:00-4:00")]
    },
  ]

  // MARK: The message that it is over

  private static let over = ["resolution_message"]

  static let messages = [
    Case(
      "half an hour after it was resolved", of: over,
      [
        "resolution_message a due 2:30 done 2:00 kept 30m",
        "resolution_message b due 2:30 done 2:30 kept 0m",
        "resolution_message c due 2:30 done 2:30+1us missed 0m-1us",
        "resolution_message d due 2:30 done - no_record",
      ]
    ) {
      $0.resolved = "2:00"
      $0.customers = [("a", "0:00"), ("b", "0:00"), ("c", "0:00"), ("d", "0:00")]
      // A message before the end of the incident does not count as the message about its end.
      $0.events = [
        ("notified a", "2:00"), ("notified b", "0:10"), ("notified b", "2:30"),
        ("notified c", "2:30+1us"), ("notified d", "1:59"),
      ]
    },
    Case("not due yet", of: over, ["resolution_message a due 2:30 done - pending 0m"]) {
      $0.resolved = "2:00"
      $0.asOf = "2:30"
      $0.customers = [("a", "0:00")]
    },
    Case("open", of: over, []) {
      $0.asOf = "2:30"
      $0.customers = [("a", "0:00")]
    },
    Case("a P1", of: over, []) {
      $0.severity = .p1
      $0.resolved = "2:00"
      $0.customers = [("a", "0:00")]
    },
    Case(
      "one message says both", of: ["customer", "resolution_message"],
      [
        "customer_notified a due 0:30 done 2:10 missed -100m",
        "resolution_message a due 2:30 done 2:10 kept 20m",
      ]
    ) {
      $0.resolved = "2:00"
      $0.customers = [("a", "0:00")]
      $0.events = [("notified a", "2:10")]
    },
  ]

  // MARK: Milder

  static let milder = [
    Case("updates end with the P0", of: ["status"], ["status_updates due 0:40 done 0:30 kept 10m"])
    {
      $0.windows = [(.p0, "0:00", "0:40"), (.p3, "0:40", nil)]
      $0.resolved = "d+3 0:00"
      $0.events = [("status", "0:10"), ("status", "0:30")]
    },
    Case(
      "the last wait of the P0 is judged", of: ["status"],
      ["status_updates due 0:35 done 0:40 missed -5m"]
    ) {
      $0.windows = [(.p0, "0:00", "0:40"), (.p3, "0:40", nil)]
      $0.resolved = "d+3 0:00"
      $0.events = [("status", "0:05"), ("status", "d+1 0:00")]
    },
    Case(
      "open, and no update is pending", of: ["status"],
      ["status_updates due 0:40 done 0:40 kept 0m"]
    ) {
      $0.windows = [(.p0, "0:00", "0:40"), (.p3, "0:40", nil)]
      $0.asOf = "1:00"
      $0.events = [("status", "0:10")]
    },
    Case(
      "open, and the first update came after the P0", of: ["first", "status"],
      [
        "first_status_update due 0:30 done 2:30 missed -120m",
        "status_updates due 1:00 done - no_record",
      ]
    ) {
      $0.windows = [(.p0, "0:00", "2:00"), (.p3, "2:00", nil)]
      $0.asOf = "3:00"
      $0.events = [("status", "2:30")]
    },
    Case(
      "a P0 again: half an hour from then", of: ["status"],
      ["status_updates due 3:30 done 3:31 missed -1m"]
    ) {
      $0.windows = [(.p0, "0:00", "0:40"), (.p3, "0:40", "3:00"), (.p0, "3:00", nil)]
      $0.resolved = "4:00"
      $0.events = [("status", "0:10"), ("status", "0:40"), ("status", "3:31")]
    },
    Case(
      "a P0 again, updated in time", of: ["status"],
      ["status_updates due 0:40 done 0:40 kept 0m"]
    ) {
      $0.windows = [(.p0, "0:00", "0:40"), (.p3, "0:40", "3:00"), (.p0, "3:00", nil)]
      $0.resolved = "4:00"
      $0.events = [("status", "0:10"), ("status", "0:40"), ("status", "3:30")]
    },
    Case(
      "a P0 again: the first of all updates in the second", of: ["status"],
      ["status_updates due 1:00 done 1:05 missed -5m"]
    ) {
      $0.windows = [(.p0, "0:00", "1:05"), (.p3, "1:05", "3:00"), (.p0, "3:00", nil)]
      $0.resolved = "4:00"
      $0.events = [("status", "3:30")]
    },
    Case(
      "a P0 again that goes on", of: ["status"],
      ["status_updates due 3:30 done - missed -10m"]
    ) {
      $0.windows = [(.p0, "0:00", "0:40"), (.p3, "0:40", "3:00"), (.p0, "3:00", nil)]
      $0.asOf = "3:40"
      $0.events = [("status", "0:10"), ("status", "0:40")]
    },
    Case(
      "no CTO for what is no P0 at the target", of: ["escalation"],
      ["escalation past_target 2 due 4:00 done 3:50 kept 10m"]
    ) {
      $0.windows = [(.p0, "0:00", "0:40"), (.p3, "0:40", nil)]
      $0.resolved = "d+3 0:00"
      $0.events = [("level 2", "3:50")]
    },
    Case(
      "the CTO was asked for before it became milder", of: ["escalation"],
      ["escalation past_target 4 due 4:00 done - missed -60m"]
    ) {
      $0.windows = [(.p0, "0:00", "4:30"), (.p3, "4:30", nil)]
      $0.resolved = "5:00"
      $0.events = [("level 3", "0:10")]
    },
    Case(
      "the CTO is asked for when it is a P0 again", of: ["escalation"],
      ["escalation past_target 4 due 6:00 done - missed -60m"]
    ) {
      $0.windows = [(.p0, "0:00", "0:40"), (.p3, "0:40", "6:00"), (.p0, "6:00", nil)]
      $0.asOf = "7:00"
    },
    Case(
      "no P0 at the very instant of the target", of: ["escalation"],
      ["escalation past_target 2 due 4:00 done - no_record"]
    ) {
      $0.windows = [(.p0, "0:00", "4:00"), (.p3, "4:00", nil)]
      $0.resolved = "5:00"
    },
    Case(
      "what was asked for at the rise stays asked for", of: ["response_team", "escalation"],
      [
        "response_team due 0:30 done 0:31 missed -1m",
        "escalation security 3 due 0:30 done - no_record",
      ]
    ) {
      $0.windows = [(.p0, "0:00", "0:20"), (.p2, "0:20", nil)]
      $0.resolved = "2:00"
      $0.concernsSecurity = true
      $0.events = [("team", "0:31")]
    },
    Case(
      "later than the instant of the audit it is not milder", of: ["status"],
      ["status_updates due 0:40 done - pending 10m"]
    ) {
      $0.windows = [(.p0, "0:00", "0:40"), (.p3, "0:00", nil)]
      $0.asOf = "0:30"
      $0.events = [("status", "0:10")]
    },
  ]
}
