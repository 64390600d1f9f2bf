import Foundation
import Kernel
import TestKit
import Testing

@testable import Sheets

@Suite struct RowPartsTests {
    @Test(arguments: [1, 2, 3, 7, 100]) func theSameRowsInOrder(_ size: Int) async throws {
        let file = try Scratch(text: (0..<21).map { "r\($0),\($0 * $0)" }.joined(separator: "\n"))
        var parts: [[SheetRow]] = []
        for try await part in RowParts(file.url, size: size) { parts.append(part) }
        #expect(parts.joined().map(\.cells) == (try file.rows().map(\.cells)))
        #expect(parts.dropLast().allSatisfy { $0.count == size } && parts.allSatisfy { !$0.isEmpty })
    }

    /// Nobody takes the rest: the reader ends, and whoever begins anew has all.
    @Test func whoeverLeavesHoldsNobody() async throws {
        let file = try Scratch(text: (0..<500).map { "r\($0),x" }.joined(separator: "\n"))
        for _ in 0..<50 {
            for try await part in RowParts(file.url, size: 10) where part[0].number > 20 { break }
        }
        var count = 0
        for try await part in RowParts(file.url, size: 10) { count += part.count }
        #expect(count == 500)
    }

    @Test func aFlawComesBehindThePartsBeforeIt() async throws {
        let file = try Scratch(text: (0..<30).map { "r\($0),x" }.joined(separator: "\n") + "\n\"open")
        var count = 0
        let refusal = await #expect(throws: Refusal.self) { for try await part in RowParts(file.url, size: 10) { count += part.count } }
        #expect(refusal?.code == "file.quote" && count == 30)
    }
}
