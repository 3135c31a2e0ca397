import Documents
import ServiceCredits

extension CreditLine {
  /// Appends the line as a JSON object on a line of its own, with the columns of the CSV as names.
  ///
  /// Whole numbers are JSON numbers. Decimals are strings, because few readers keep them exactly.
  /// Cells that are empty in the CSV are null. Texts are not changed: no program runs a JSON string
  /// as a formula.
  public func appendJSONLine(to buffer: inout [UInt8]) {
    var object = JSONObject(&buffer)
    object.append("run_id", integer: runId, to: &buffer)
    if let kind { object.append("kind", text: kind.rawValue, to: &buffer) }
    object.append("billing_month", to: &buffer) { month.appendText(to: &$0) }
    object.append("customer_id", text: customerId, to: &buffer)
    object.append("customer_name", text: customerName, to: &buffer)
    object.append("customer_tier", text: customerTier, to: &buffer)
    object.append("subscription_id", text: subscriptionId, to: &buffer)
    appendBasisJSON(&object, to: &buffer)
    object.append("currency", text: amount.currency.codeBytes, to: &buffer)
    append("amount", "amount_minor", amount.amountMinor, &object, to: &buffer)
    object.append("invoice_id", text: placement.invoiceId, to: &buffer)
    object.append("invoices", integer: Int64(placement.invoices), to: &buffer)
    append("placed", "placed_minor", placement.placedMinor, &object, to: &buffer)
    append("open", "open_minor", placement.openMinor, &object, to: &buffer)
    append(
      "overcredited", "overcredited_minor", placement.overcreditedMinor, &object, to: &buffer)
    if let basis {
      object.append("policy_version", text: basis.policyVersion, to: &buffer)
    } else {
      object.appendNull("policy_version", to: &buffer)
    }
    object.append("posted_on", text: posting.day.text, to: &buffer)
    if posting.isLate {
      object.append("late_correction", text: "yes", to: &buffer)
    } else {
      object.appendNull("late_correction", to: &buffer)
    }
    object.end(&buffer)
    buffer.append(UInt8(ascii: "\n"))
  }

  /// Appends an amount in major and in minor units.
  private func append(
    _ name: String, _ minorName: String, _ minor: Int64, _ object: inout JSONObject,
    to buffer: inout [UInt8]
  ) {
    let decimals = Int(amount.currency.exponent)
    object.append(name, to: &buffer) {
      appendDecimal(minor, decimals: decimals, atLeast: decimals, to: &$0)
    }
    object.append(minorName, integer: minor, to: &buffer)
  }

  /// Appends the members from service_id to monthly_fee.
  private func appendBasisJSON(_ object: inout JSONObject, to buffer: inout [UInt8]) {
    if let basis {
      object.append("service_id", text: basis.serviceId, to: &buffer)
      object.append("service_name", text: basis.serviceName, to: &buffer)
      object.append("plan", text: basis.plan, to: &buffer)
    } else {
      for name in ["service_id", "service_name", "plan"] { object.appendNull(name, to: &buffer) }
    }
    object.append("incident_id", text: incidentId, to: &buffer)
    object.append("incident_title", text: incidentTitle, to: &buffer)
    if let basis {
      object.append("severity", text: basis.severity.code, to: &buffer)
      object.append("outage_started_at", to: &buffer) { basis.outage.start.appendText(to: &$0) }
      object.append("outage_ended_at", to: &buffer) { basis.outage.end.appendText(to: &$0) }
    } else {
      for name in ["severity", "outage_started_at", "outage_ended_at"] {
        object.appendNull(name, to: &buffer)
      }
    }
    object.append("counted", to: &buffer) {
      DurationText.appendISO8601(countedMicroseconds, to: &$0)
    }
    object.append("counted_seconds", to: &buffer) {
      appendDecimal(countedMicroseconds, decimals: 6, atLeast: 0, to: &$0)
    }
    switch basis?.decider ?? .nothing {
    case .tier(let tier): object.append("tier", to: &buffer) { tier.appendWords(to: &$0) }
    case .rule(let words): object.append("tier", text: words, to: &buffer)
    case .nothing: object.appendNull("tier", to: &buffer)
    }
    for (name, percent) in [("percent", percent), ("percent_before_cap", percentBeforeCap)] {
      if let percent {
        object.append(name, to: &buffer) { percent.appendPercent(to: &$0) }
      } else {
        object.appendNull(name, to: &buffer)
      }
    }
    if let basis {
      object.append("monthly_fee", to: &buffer) {
        appendDecimal(basis.feeMicros, decimals: 6, atLeast: Int(amount.currency.exponent), to: &$0)
      }
    } else {
      object.appendNull("monthly_fee", to: &buffer)
    }
  }
}
