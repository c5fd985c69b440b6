import Simulation

/// What a history leaves to chance.
extension SplitMix64 {
    /// True so many times in a thousand.
    mutating func happens(_ perMille: Int) -> Bool { Int.random(in: 0..<1000, using: &self) < perMille }

    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

    mutating func pick<Value>(_ values: [Value]) -> Value { values[Int.random(in: values.indices, using: &self)] }

    /// One of the values, or nil if there is none.
    mutating func any<Value>(_ values: [Value]) -> Value? { values.isEmpty ? nil : pick(values) }

    mutating func seconds(_ range: ClosedRange<Int64>) -> Duration { .seconds(Int64.random(in: range, using: &self)) }
}
