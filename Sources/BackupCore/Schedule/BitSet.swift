/// Small whole numbers, 0 … 63.
struct BitSet: Sendable, Equatable {
    private(set) var bits: UInt64 = 0

    init() {}
    init(bits: UInt64) { self.bits = bits }
    init(_ range: ClosedRange<Int>) { for number in range { insert(number) } }

    mutating func insert(_ number: Int) { bits |= 1 << UInt64(number) }
    func contains(_ number: Int) -> Bool { bits & (1 << UInt64(number)) != 0 }
    func isSuperset(of range: ClosedRange<Int>) -> Bool { bits & BitSet(range).bits == BitSet(range).bits }

    var isEmpty: Bool { bits == 0 }
    var first: Int? { bits == 0 ? nil : bits.trailingZeroBitCount }

    /// The smallest member that is at least `number`.
    func first(from number: Int) -> Int? {
        guard number < 64 else { return nil }
        let rest = bits >> UInt64(number)
        return rest == 0 ? nil : number + rest.trailingZeroBitCount
    }

    /// The largest member that is at most `number`.
    func last(through number: Int) -> Int? {
        guard number >= 0 else { return nil }
        let rest = bits << UInt64(max(0, 63 - number))
        return rest == 0 ? nil : min(63, number) - rest.leadingZeroBitCount
    }
}
