import Foundation

/// The time and the ids of new things, passed in so that tests and generated data are repeatable.
public struct Clock: Sendable {
    public var now: @Sendable () -> Moment
    public init(now: @escaping @Sendable () -> Moment) { self.now = now }
    public static let system = Clock { Moment(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)) }
    public static func fixed(_ moment: Moment) -> Clock { Clock { moment } }
    public var today: Day { now().day }
}

/// A small repeatable generator (SplitMix64) for demonstration data, tests and provable draws of samples.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64
    public init(seed: UInt64) { state = seed }
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
