import Benchmark
import CAllocations

/// What a night does a million times, each thing by itself: `make bench-micro`.
///
/// Times and instructions are for one subscription or row, allocations for a thousand of them.
/// Instructions are steadier than time, where the machine counts them.
let benchmarks: @Sendable () -> Void = {
  Benchmark.defaultConfiguration = .init(
    metrics: [.wallClock, .instructions, .allocations], warmupIterations: 3, scalingFactor: .kilo,
    maxDuration: .seconds(2), maxIterations: 500)
  decisionBenchmarks()
  decoderBenchmarks()
  encoderBenchmarks()
  fileBenchmarks()
}

extension BenchmarkMetric {
  /// For all iterations together, so that one in a thousand shows.
  static var allocations: BenchmarkMetric {
    .custom("Allocations in 1000", polarity: .prefersSmaller, useScalingFactor: false)
  }
}

extension Benchmark {
  /// Measures `body`, which does its work a thousand times.
  @inline(__always)
  func measure(_ body: () throws -> Void) rethrows {
    startMeasurement()
    let before = allocations_so_far()
    try body()
    let allocations = allocations_so_far() - before
    stopMeasurement()
    measurement(.allocations, Int(allocations))
  }
}
