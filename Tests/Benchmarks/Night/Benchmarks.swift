import Benchmark

/// What a night does a million times, each thing by itself: `make bench-micro`.
///
/// Every figure is for one subscription or row. Instructions are steadier than time, where the machine counts them.
let benchmarks: @Sendable () -> Void = {
  Benchmark.defaultConfiguration = .init(
    metrics: [.wallClock, .instructions], warmupIterations: 3, scalingFactor: .kilo,
    maxDuration: .seconds(2), maxIterations: 500)
  decisionBenchmarks()
  decoderBenchmarks()
  encoderBenchmarks()
  fileBenchmarks()
}
