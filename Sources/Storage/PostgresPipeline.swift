import CLibPQ
import Foundation
import Kernel

/// A statement with its values, packed as the server reads them.
struct PostgresRequest {
    let text: String
    /// Types are told, so that `$1` means the same wherever it stands: 20 bigint, 701 double precision, 25 text; 0 where nothing tells one.
    private(set) var types: [Oid] = []
    private var bytes: [UInt8] = []
    /// Where each value lies in the bytes; nil for null.
    private var places: [Range<Int>?] = []

    init(_ text: String) { self.text = text }
    /// - Parameter isSearch: whether nothing is stored: then a text with a NUL, which no stored text has, is one that is found nowhere.
    init(_ sql: SQL, isSearch: Bool = false) throws {
        let (text, values) = sql.rendered { "$\($0)" }
        self.init(text)
        for value in values { try append(isSearch ? PostgresRequest.findable(value) : value) }
    }
    private static func findable(_ value: SQLValue) -> SQLValue {
        guard case .text(let text) = value, text.utf8.contains(0) else { return value }
        return .text(text.replacing("\0", with: "\u{FFFF}"))
    }

    /// - Parameter type: of the column, where a null stands among values of one.
    /// - Throws: 22021 for a text with a NUL in it: the server keeps none.
    mutating func append(_ value: SQLValue, type: Oid = 0) throws {
        let start = bytes.count
        switch value {
        case .null:
            types.append(type)
            places.append(nil)
            return
        case .integer(let number):
            types.append(20)
            withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
        case .real(let number):
            types.append(701)
            withUnsafeBytes(of: number.bitPattern.bigEndian) { bytes.append(contentsOf: $0) }
        case .text(let text):
            types.append(25)
            bytes.append(contentsOf: text.utf8)
            try PostgresRequest.refuseNul(bytes[start...])
        }
        places.append(start..<bytes.count)
    }
    static func refuseNul(_ bytes: ArraySlice<UInt8>) throws {
        let has = bytes.withUnsafeBytes { $0.baseAddress.map { memchr($0, 0, bytes.count) != nil } ?? false }
        if has { throw PostgresError(code: "22021", description: "a text with a NUL in it") }
    }

    /// The values as libpq takes them, for the length of a call.
    func values<T>(_ body: (Int32, [UnsafePointer<CChar>?], [Int32], [Int32]) -> T) -> T {
        // An empty text at the end lies behind the last byte, and is no null.
        (bytes + [0]).withUnsafeBytes { all in
            let start = all.bindMemory(to: CChar.self).baseAddress
            return body(
                Int32(places.count), places.map { place in place.flatMap { place in start.map { $0 + place.lowerBound } } },
                places.map { Int32($0?.count ?? 0) }, places.map { _ in 1 })
        }
    }
}

/// Statements that the server keeps ready, by text and types. A text that is asked twice is prepared; the one that was not used for the
/// longest time goes when there are too many.
struct PreparedStatements {
    struct Key: Hashable { let text: String, types: [Oid] }
    static let most = 300
    private var names: [Key: (name: String, used: Int)] = [:]
    private var seen: Set<Int> = []
    private var clock = 0

    /// The name of a statement that is ready.
    mutating func name(of key: Key) -> String? {
        clock += 1
        names[key]?.used = clock
        return names[key]?.name
    }
    /// Whether a text was asked before and is worth keeping.
    mutating func isWorthKeeping(_ key: Key) -> Bool {
        if seen.count > 4000 { seen.removeAll(keepingCapacity: true) }
        return !seen.insert(key.hashValue).inserted
    }
    func fresh() -> String { "s\(clock)" }
    mutating func keep(_ key: Key, as name: String) { names[key] = (name, clock) }
    /// The statement to part with, taken off.
    mutating func surplus() -> String? {
        guard names.count >= PreparedStatements.most, let oldest = names.min(by: { $0.value.used < $1.value.used }) else { return nil }
        names[oldest.key] = nil
        return oldest.value.name
    }
}

extension PostgresSession {
    /// So many statements go in one round trip at most.
    static let mostAhead = 256

    /// Asks for one thing and waits; nil where it has to be prepared first, which goes in one round trip with it.
    func alone(_ request: PostgresRequest) throws -> OpaquePointer? {
        let key = PreparedStatements.Key(text: request.text, types: request.types)
        if let name = statements.name(of: key) {
            return try check(
                request.values { count, values, lengths, formats in PQexecPrepared(handle, name, count, values, lengths, formats, 0) })
        }
        if statements.isWorthKeeping(key) { return nil }
        return try check(
            request.values { count, values, lengths, formats in
                PQexecParams(handle, request.text, count, request.types, values, lengths, formats, 0)
            })
    }

    /// Sends requests without waiting between them.
    /// - Returns: the answer to the last.
    /// - Throws: the first error; nothing behind it was done.
    func pipelined(_ requests: [PostgresRequest]) throws -> OpaquePointer {
        var names: [String?] = []
        var fresh: [(place: Int, key: PreparedStatements.Key, name: String)] = []
        var coming: [PreparedStatements.Key: String] = [:]
        for (place, request) in requests.enumerated() {
            let key = PreparedStatements.Key(text: request.text, types: request.types)
            if let name = statements.name(of: key) ?? coming[key] {
                names.append(name)
            } else if requests.count == 1 || statements.isWorthKeeping(key) {
                if let surplus = statements.surplus() { PQclear(try check(PQexec(handle, "DEALLOCATE \(surplus)"))) }
                let name = statements.fresh()
                coming[key] = name
                fresh.append((place, key, name))
                names.append(name)
            } else {
                names.append(nil)
            }
        }
        let new = Dictionary(uniqueKeysWithValues: fresh.map { ($0.place, $0) })
        guard PQenterPipelineMode(handle) == 1 else { throw error(of: nil) }
        var isSent = true
        for (place, request) in requests.enumerated() where isSent {
            if let statement = new[place] {
                isSent = PQsendPrepare(handle, statement.name, request.text, Int32(request.types.count), request.types) == 1
            }
            guard isSent else { break }
            isSent = request.values { count, values, lengths, formats in
                if let name = names[place] { return PQsendQueryPrepared(handle, name, count, values, lengths, formats, 0) == 1 }
                return PQsendQueryParams(handle, request.text, count, request.types, values, lengths, formats, 0) == 1
            }
        }
        guard isSent, PQpipelineSync(handle) == 1 else { throw lost() }
        var failure: PostgresError?
        var last: OpaquePointer?
        for place in requests.indices {
            if let statement = new[place], let prepared = take(&failure) {
                PQclear(prepared)
                statements.keep(statement.key, as: statement.name)
            }
            PQclear(last)
            last = take(&failure)
        }
        // The answer to the sync ends the exchange.
        PQclear(PQgetResult(handle))
        guard PQexitPipelineMode(handle) == 1, !isBroken else {
            PQclear(last)
            throw failure.map { isBroken ? PostgresError(code: $0.isLoss ? $0.code : "08006", description: $0.description) : $0 } ?? lost()
        }
        if let failure {
            PQclear(last)
            throw failure
        }
        guard let last else { throw lost() }
        return last
    }

    /// The answer to the next request of a pipeline; nil where it failed or was not done, and `failure` says why.
    private func take(_ failure: inout PostgresError?) -> OpaquePointer? {
        var answer: OpaquePointer?
        while let result = PQgetResult(handle) {
            let status = PQresultStatus(result)
            if status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK {
                PQclear(answer)
                answer = result
                continue
            }
            if status != PGRES_PIPELINE_ABORTED, failure == nil { failure = error(of: result) }
            PQclear(result)
            if isBroken { break }
        }
        return answer
    }

    private func lost() -> PostgresError { PostgresError(code: "08006", description: String(cString: PQerrorMessage(handle))) }
}
