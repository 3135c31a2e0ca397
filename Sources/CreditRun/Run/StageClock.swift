/// Wall time by stage.
package struct StageClock {
  private(set) var stages: [(name: String, seconds: Double)] = []
  private let report: @Sendable (RunEvent) -> Void
  private var last = ContinuousClock.now

  init(report: @escaping @Sendable (RunEvent) -> Void = { _ in }) {
    self.report = report
  }

  mutating func end(_ name: String) {
    let now = ContinuousClock.now
    let (seconds, attoseconds) = (now - last).components
    let elapsed = Double(seconds) + Double(attoseconds) / 1e18
    stages.append((name, elapsed))
    last = now
    report(.stageEnded(name: name, seconds: elapsed))
  }
}
