import Glibc

/// The time of one call in nanoseconds: the best of several rounds, since whatever disturbs only ever adds.
func nanoseconds(calls: Int, rounds: Int = 5, _ round: () -> Void) -> Double {
    let clock = ContinuousClock()
    let best = (0..<rounds).map { _ in clock.measure(round) }.min() ?? .zero
    let (seconds, attoseconds) = best.components
    return (Double(seconds) * 1e9 + Double(attoseconds) / 1e9) / Double(calls)
}

/// The same in processor time, as the counterpart measures itself: others on the machine count for neither.
func processorNanoseconds(calls: Int, rounds: Int = 10, _ round: () -> Void) -> Double {
    let best = (0..<rounds).map { _ in
        let start = processorNanoseconds()
        round()
        return processorNanoseconds() - start
    }.min()
    return Double(best ?? 0) / Double(calls)
}

private func processorNanoseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

/// Keeps the optimiser from leaving out what nobody looks at.
@inline(never) func use<Value>(_: Value) {}

/// `1,234` or `0.123`: three digits that matter.
func number(_ value: Double) -> String {
    let digits = value >= 100 ? 0 : value >= 10 ? 1 : 3
    var scaled = value
    for _ in 0..<digits { scaled *= 10 }
    let whole = String(Int(scaled.rounded()))
    let padded = String(repeating: "0", count: max(0, digits + 1 - whole.count)) + whole
    guard digits > 0 else { return padded }
    return padded.dropLast(digits) + "." + padded.suffix(digits)
}

/// The most memory this process ever held, in MiB.
func peakMebibytes() -> Int {
    var usage = rusage()
    getrusage(CInt(RUSAGE_SELF.rawValue), &usage)
    return Int(usage.ru_maxrss) / 1024
}
