import ResponseProcedures
import ServiceCredits

/// A value that is one of a few words.
protocol PolicyWord {
  var word: String { get }
}

extension Severity: PolicyWord {
  var word: String { code }
}

extension PolicyWord where Self: RawRepresentable<String> {
  var word: String { rawValue }
}

extension OverlapRule: PolicyWord {}
extension LateCorrections: PolicyWord {}
extension RewrittenPast: PolicyWord {}
extension RoundingRule: PolicyWord {}
extension OvercreditedRule: PolicyWord {}
extension BalanceSystem: PolicyWord {}
extension ExclusionKind: PolicyWord {}
extension EscalationTrigger: PolicyWord {}

/// Whether something is to be done.
enum YesOrNo: String, CaseIterable, PolicyWord {
  case yes = "true"
  case no = "false"
}
