import Foundation
import Ledger
import Storage
import TestKit

@testable import House

/// A house with the plan that asks for everything, in which people have entered random records and corrected some of them.
struct LivedHouse {
    let house: House
    let clock: MovingClock
    var world: RandomWorld

    /// - Parameters:
    ///   - entries: records entered.
    ///   - changes: what happened to them since.
    init(_ store: any Store, seed: UInt64, entries: Int, changes: Int = 0) async throws {
        let moving = MovingClock()
        house = try await House.open(store, catalog: Hand.catalog, clock: moving.clock)
        clock = moving
        try await house.add(plan: try String(contentsOf: OracleTests.planFile, encoding: .utf8), by: .house)
        world = RandomWorld(house.ledger, seed: seed, clock: moving)
        try await world.fill(entries)
        for _ in 0..<changes { try await world.step(corrections: 0.6) }
    }
}
