/// Prints what the pure parts cost, as times of this machine and as ratios to something measured in the same run.
///
/// `Tests/Benchmarks/run` builds it optimised and measures the counterparts.
let arguments = CommandLine.arguments.dropFirst()
if arguments.isEmpty || arguments.contains("schedules") { try ScheduleBenchmark().run() }
if arguments.isEmpty || arguments.contains("retention") { try RetentionBenchmark().run() }
if arguments.first == "reading", let endpoint = arguments.dropFirst().first { ReadingBenchmark.run(endpoint) }
if arguments.first == "signing" { SigningBenchmark.run() }
