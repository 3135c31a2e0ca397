import Observations

extension ErrorText {
  init(_ error: ObservationError) {
    switch error {
    case .nothingToObserve:
      self.init(
        "redress_source has neither present_term nor present_severity, so there is nothing to observe",
        "Create a view with the columns that the README lists under “Keep a history”, or leave redress observe out."
      )
    case .mayNotObserve(let error):
      self.init(
        "the present cannot be observed: \(ErrorText.message(error))",
        "This user needs the role redress_job, and its views' owner SELECT on what they read.")
    }
  }
}
