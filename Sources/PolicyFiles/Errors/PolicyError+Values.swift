import PlainText
import ServiceCredits

extension PolicyError.ValueFault {
  var text: PolicyErrorText {
    switch self {
    case .badName(let key, let name):
      PolicyErrorText(
        "\(key == .plans ? "the name of a plan" : "the name of a version") cannot be \(Quoted.text(name)).",
        key == .plans
          ? "Write the plan exactly as the source has it; it is not empty and has no zero byte."
          : "Write 1 to 100 printable characters, with no space at either end.")
    case .badDuration(let key, let text, let fault, let suggestion):
      durationText(key, text, fault, suggestion)
    case .badPercent(let key, let text, let fault, let suggestion):
      percentText(key, text, fault, suggestion)
    case .badDate(let key, let text, let suggestion):
      PolicyErrorText(
        "\(key.dayWords) is \(Quoted.text(text)), which is no day.",
        suggestion.map { "Write \($0)." } ?? "Write year, month and day, as in 2025-01-01")
    case .noSuchDay(let key, let text):
      PolicyErrorText(
        "\(key.dayWords) is \(Quoted.text(text)), and the calendar has no such day.",
        "Write a day that exists.")
    case .badCount(let key, let text, let limit):
      PolicyErrorText(
        "\(key.name) is \(Quoted.text(text)), which is no number of days from 1 to \(limit).",
        "Write digits alone, as in \(key.example)")
    case .badAmount(let key, let currency, let text, let fault, let suggestion):
      amountText(key, currency, text, fault, suggestion)
    case .unknownCurrency(let text, let nearMiss):
      PolicyErrorText(
        "\(Quoted.text(text)) is no currency that an amount can be in.",
        nearMiss.map { "Write \($0) if that is meant." }
          ?? "Write the three capital letters of ISO 4217, as in USD.")
    case .unknownWord(let key, let text, let known, let nearMiss):
      PolicyErrorText(
        known.count == 1
          ? "\(key.name) is \(Quoted.text(text)), which is not \(known[0])."
          : "\(key.name) is \(Quoted.text(text)), which is none of \(Listed.and(known)).",
        nearMiss.map { "Write \($0) if that is meant." } ?? "Write \(Listed.or(known)).")
    case .badTimeZone(let text):
      PolicyErrorText(
        "time_zone is \(Quoted.text(text)), which is no name of a time zone.",
        "Write a name of the IANA database, as in UTC, Europe/Berlin or America/New_York.")
    case .unknownTimeZone(let text, let nearMiss):
      PolicyErrorText(
        "the database knows no time zone \(Quoted.text(text)).",
        nearMiss.map { "Write \($0) if that is meant." }
          ?? "Choose one of SELECT name FROM pg_catalog.pg_timezone_names.")
    case .badAccount(let key, let text):
      PolicyErrorText(
        "\(key.name) is \(Quoted.text(text)), which is no account.",
        "Begin with \(Listed.or(AccountMap.roots)) and a colon, as in \(key.example)")
    case .badNumber, .badWholeNumber, .tooManyDigits, .nothing, .badValue, .daysAndHours,
      .wholeDays, .notSaid:
      textOfRules
    case .badMonth, .badQuarter, .badInstant, .badMoney, .badShare, .endsBeforeItBegins,
      .unknownPlan:
      textOfExamples
    }
  }

  private func durationText(
    _ key: PolicyKey, _ text: String, _ fault: DurationFault, _ suggestion: String?
  ) -> PolicyErrorText {
    let form = "a whole number with each unit, as in 30m, 4h, 1h30m or PT1H30M."
    return switch fault {
    case .malformed:
      PolicyErrorText(
        "\(key.name) is \(Quoted.text(text)), which is no duration.",
        "Write \(suggestion.map { "\($0)." } ?? form)")
    case .withoutUnit:
      PolicyErrorText(
        "\(key.name) is \(Quoted.text(text)), a number without a unit.",
        suggestion.map { "Write \($0)s, \($0)m or \($0)h." } ?? "Write \(form)")
    case .negative:
      PolicyErrorText(
        "\(key.name) is \(Quoted.text(text)), and a duration is not negative.",
        "Write \(form)")
    case .calendar:
      PolicyErrorText(
        "\(key.name) is \(Quoted.text(text)), and months and years have no fixed length.",
        "Write it in weeks, days or hours, as in 4w, 30d or 720h.")
    case .tooLong:
      PolicyErrorText(
        "\(key.name) is \(Quoted.text(text)), more microseconds than 64 bits hold.",
        "Write at most \(Int64.max / 86_400_000_000)d.")
    }
  }

  private func percentText(
    _ key: PolicyKey, _ text: String, _ fault: PercentFault, _ suggestion: String?
  ) -> PolicyErrorText {
    switch fault {
    case .malformed:
      PolicyErrorText(
        "\(key.name) is \(Quoted.text(text)), which is no percentage.",
        "Write \(suggestion ?? "a number and a percent sign, as in 10% or 12.5%").")
    case .withoutSign:
      PolicyErrorText(
        "\(key.name) is \(Quoted.text(text)), without a percent sign.",
        "Write \(suggestion ?? "10% or 12.5%").")
    case .decimals:
      PolicyErrorText(
        "\(key.name) is \(Quoted.text(text)), with more than two decimals.",
        "Round it to hundredths of a percent.")
    case .digits:
      PolicyErrorText(
        "\(key.name) is \(Quoted.text(text)), with more digits than are counted with exactly.",
        DigitAdvice.text)
    case .zero:
      PolicyErrorText(
        "\(key.name) is \(Quoted.text(text)), and must be more than nothing.",
        key.adviceForZero)
    case .above(let limit):
      PolicyErrorText(
        "\(key.name) is \(Quoted.text(text)), more than \(limit.percentText)%.",
        "Write at most \(limit.percentText)%.")
    }
  }

  private func amountText(
    _ key: PolicyKey, _ currency: Currency, _ text: String, _ fault: AmountFault,
    _ suggestion: String?
  ) -> PolicyErrorText {
    let subject = "the \(currency.code) amount of \(key.name) is \(Quoted.text(text))"
    return switch fault {
    case .malformed:
      PolicyErrorText(
        "\(subject), which is no amount.",
        "Write \(suggestion ?? "digits, with a point before the decimals, as in 250000 or 0.50").")
    case .negative:
      PolicyErrorText("\(subject), and an amount is not negative.", "Write it without the sign.")
    case .decimals:
      PolicyErrorText(
        "\(subject), with more decimals than \(currency.code) has.",
        currency.exponent == 0
          ? "Write a whole number." : "Write at most \(currency.exponent) decimals.")
    case .tooLarge:
      PolicyErrorText("\(subject), more than can be counted.", "Write a smaller amount.")
    }
  }
}

enum DigitAdvice {
  static let text =
    "Write at most \(PolicyDecimal.mostDigits) digits, and \(PolicyDecimal.mostDecimals) decimals."
}

// The values of rules.
extension PolicyError.ValueFault {
  private var textOfRules: PolicyErrorText {
    switch self {
    case .badNumber(let key, let text):
      PolicyErrorText(
        "\(key.name) is \(Quoted.text(text)), which is no number.",
        "Write digits, with a point before the decimals, as in \(key.example)")
    case .badWholeNumber(let key, let text, let lowest, let highest):
      PolicyErrorText(
        "\(key.name) is \(Quoted.text(text)), which is no whole number "
          + "from \(lowest) to \(highest).",
        "Write digits alone, as in \(key.example)")
    case .tooManyDigits(let key, let text):
      PolicyErrorText(
        "\(key.name) is \(Quoted.text(text)), with more digits than are counted with exactly.",
        DigitAdvice.text)
    case .nothing(let key, let text):
      PolicyErrorText(
        "\(key.name) is \(Quoted.text(text)), and must be more than nothing.",
        "Write more, or remove what gives nothing.")
    case .badValue(let key, let text):
      PolicyErrorText(
        "\(key.name) is \(Quoted.text(text)), which is no value.",
        "Write a percentage, days, hours or money, as in 10%, 2d, 12h or {amount: 9.76}.")
    case .daysAndHours(let key, let text):
      PolicyErrorText(
        "\(key.name) is \(Quoted.text(text)), and days are a part of the month's days, "
          + "hours of its length.",
        "Write days alone, as in 2d, or hours alone, as in 36h.")
    case .wholeDays(let key, let text):
      PolicyErrorText(
        "\(key.name) is \(Quoted.text(text)), and a claim can be made until the end of a day.",
        "Write whole days, as in 30d, at most 36500d.")
    case .notSaid(let key, let text, let what):
      PolicyErrorText(
        "\(key.name) has \(Quoted.text(text)), and \(what.words) are not said by this language.",
        what.advice)
    default: preconditionFailure("the other values have their words above")
    }
  }
}

// The values of examples.
extension PolicyError.ValueFault {
  private var textOfExamples: PolicyErrorText {
    switch self {
    case .badMonth(let text):
      PolicyErrorText(
        "month is \(Quoted.text(text)), which is no month.",
        "Write year and month, as in 2026-04")
    case .badQuarter(let text):
      PolicyErrorText(
        "quarter is \(Quoted.text(text)), which is no quarter.",
        "Write year and quarter, as in 2026-Q2")
    case .badInstant(let key, let text):
      PolicyErrorText(
        "\(key.name) is \(Quoted.text(text)), which is no time with a zone.",
        "Write it as in \(key.example)")
    case .badMoney(let key, let text):
      PolicyErrorText(
        "\(key.name) is \(Quoted.text(text)), which is no amount with a currency.",
        "Write at most six decimals and the code of ISO 4217, as in \(key.example)")
    case .badShare(let text):
      PolicyErrorText(
        "share is \(Quoted.text(text)), which is no number above 0 and at most 1.",
        "Write the part of the service that was out with at most six decimals, as in 0.5")
    case .endsBeforeItBegins:
      PolicyErrorText("to is not after from.", "Write the later time after to.")
    case .unknownPlan(let name, let nearMiss):
      PolicyErrorText(
        "the example is of plan \(Quoted.text(name)), which no version names.",
        nearMiss.map { "Write \($0) if that is meant." }
          ?? "Leave plan out where the version's own rules are meant.")
    default: preconditionFailure("the other values have their words above")
    }
  }
}

extension NotSaid {
  var words: String {
    switch self {
    case .requestCounts: "request counts"
    case .rollingTwelveMonths: "rolling twelve months"
    case .otherThanMoney: "remedies that are not money"
    }
  }

  var advice: String {
    switch self {
    case .requestCounts: "Measure time, as in of: uptime; name what is left out under leaves_out."
    case .rollingTwelveMonths:
      "Write month or quarter; name what is left out under leaves_out."
    case .otherThanMoney:
      "Write a percentage, days, hours or {amount: 9.76}; name what is left out under leaves_out."
    }
  }
}
