import Kernel
import Print
import Testing

@Suite struct CodeTests {
    /// The three finders of a code, the timing between them, and its size for a short text (version 1: 21 modules a side).
    @Test func finders() throws {
        let code = try QRCode("ZHIFANG")
        #expect(code.width == 21)
        let rows = (0..<21).map { row in (0..<21).map { code.modules[row * 21 + $0] ? "#" : "." }.joined() }
        for row in [rows[0], rows[6]] { #expect(row.hasPrefix("#######.") && row.hasSuffix(".#######")) }
        #expect(rows[20].hasPrefix("#######."))
        #expect(rows[6].dropFirst(8).prefix(5) == "#.#.#")
    }
    @Test func limits() throws {
        #expect(throws: Refusal.self) { _ = try QRCode("") }
        #expect(throws: Refusal.self) { _ = try QRCode(String(repeating: "x", count: 5000)) }
        #expect(try QRCode(String(repeating: "x", count: 200)) != QRCode(String(repeating: "x", count: 199) + "y"))
    }
}
