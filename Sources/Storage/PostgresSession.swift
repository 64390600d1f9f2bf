import CLibPQ
import Foundation
import Kernel
import Logging

/// Where a server is, as libpq reads it.
struct PostgresAddress: Sendable {
    let url: String

    /// - Throws: `database.address`. What is wrong is not repeated: the URL may hold a password.
    init(_ url: String) throws {
        guard let parts = PQconninfoParse(url, nil) else { throw Refusal("database.address") }
        PQconninfoFree(parts)
        self.url = url
    }

    /// What holds where the URL says nothing: a server that takes writes, and a dead one is noticed within seconds instead of hours.
    private static let defaults = [
        ("target_session_attrs", "read-write"), ("connect_timeout", "5"), ("keepalives_idle", "10"), ("keepalives_interval", "5"),
        ("keepalives_count", "3"), ("tcp_user_timeout", "20000"), ("fallback_application_name", "zhifang"),
    ]
    func connect() -> OpaquePointer? {
        let pairs = PostgresAddress.defaults + [("dbname", url), ("client_encoding", "UTF8")]
        return cStrings(pairs.map(\.0)) { names in cStrings(pairs.map(\.1)) { values in PQconnectdbParams(names, values, 1) } }
    }
}

/// C strings for the length of a call, ended by nil.
private func cStrings<T>(_ texts: [String], _ body: ([UnsafePointer<CChar>?]) -> T) -> T {
    let copies = texts.map { text in text.withCString { strdup($0) } }
    defer { copies.forEach { free($0) } }
    return body(copies.map { $0.map { UnsafePointer($0) } } + [nil])
}

/// One connection to a server, used by one thread at a time.
final class PostgresSession: Connection {
    let handle: OpaquePointer
    /// Statements that nobody waits for an answer of: they travel ahead of the next one, in its round trip.
    var ahead: [PostgresRequest] = []
    var statements = PreparedStatements()
    /// The server's last warning since it was emptied.
    fileprivate(set) var warning: String?
    private var hasBegun = false
    private var opening = 0
    private var isReading = false
    var isSnapshot: Bool { isReading }

    init(_ address: PostgresAddress, _ settings: ServerSettings) throws {
        guard let handle = address.connect() else { throw PostgresError(code: "08001", description: "out of memory") }
        self.handle = handle
        // From here on deinit closes it.
        guard PQstatus(handle) == CONNECTION_OK else {
            throw PostgresError(code: "08001", description: String(cString: PQerrorMessage(handle)))
        }
        PQsetNoticeReceiver(handle, PostgresSession.hear, Unmanaged.passUnretained(self).toOpaque())
        guard let encoding = PQparameterStatus(handle, "server_encoding"), String(cString: encoding) == "UTF8" else {
            throw Refusal("database.encoding")
        }
        try script(
            """
            SET client_min_messages = warning; SET statement_timeout = \(settings.statement * 1000); SET lock_timeout = \(settings.lock * 1000);
            SET idle_in_transaction_session_timeout = \(settings.idle * 1000)
            """)
    }
    deinit { PQfinish(handle) }

    /// What the rules of a house rely on: texts compared byte by byte, as SQLite does.
    /// - Throws: `database.collation`.
    func checkCollation() throws {
        // The provider of locales has a column since PostgreSQL 15.
        let row = try rows(
            "SELECT datcollate::text, coalesce(to_jsonb(d) ->> 'datlocprovider', 'c') FROM pg_database d WHERE datname = current_database()"
        ).first
        let (collation, provider): (String, String) = (try row?.get(0) ?? "", try row?.get(1) ?? "")
        guard provider != "i", ["C", "POSIX", "C.UTF-8", "C.utf8"].contains(collation) else {
            throw Refusal("database.collation", ["value": provider == "i" ? "icu" : collation])
        }
    }

    private static let log = Logger(label: "postgres")
    private static let hear: PQnoticeReceiver = { session, result in
        guard let session, let result, let text = PQresultErrorField(result, Int32(UInt8(ascii: "M"))) else { return }
        let words = String(cString: text)
        Unmanaged<PostgresSession>.fromOpaque(session).takeUnretainedValue().warning = words
        log.warning("server", metadata: ["warning": "\(words)"])
    }

    var isBroken: Bool { PQstatus(handle) != CONNECTION_OK }

    // MARK: transactions

    /// A transaction for the length of a closure.
    /// - Throws: what the body throws; `unknownCommit` where nobody can tell whether a write was committed.
    func transaction<T>(_ beginning: [String], isWrite: Bool, _ body: (any Connection) throws -> T) throws -> T {
        open(beginning, isReading: !isWrite)
        let value: T
        do { value = try body(self) } catch {
            abandon()
            throw error
        }
        try close(isWrite: isWrite)
        return value
    }

    /// - Parameter beginning: statements that open a transaction; they are sent with the first one of its work, or never.
    func open(_ beginning: [String], isReading: Bool) {
        self.isReading = isReading
        ahead = beginning.map { PostgresRequest($0) }
        opening = ahead.count
        hasBegun = false
    }
    func close(isWrite: Bool) throws {
        do { if hasBegun || ahead.count > opening { try flush() } } catch {
            abandon()
            throw error
        }
        ahead = []
        guard hasBegun else { return }
        try commit(isWrite: isWrite)
    }
    func abandon() {
        ahead = []
        if hasBegun, !isBroken { try? script("ROLLBACK") }
        hasBegun = false
    }
    var isInTransaction: Bool { hasBegun && !isBroken }

    private func commit(isWrite: Bool) throws {
        hasBegun = false
        warning = nil
        do {
            let result = try check(PQexec(handle, "COMMIT"))
            defer { PQclear(result) }
            // The commit of a transaction that has failed is a rollback, said politely.
            guard String(cString: PQcmdStatus(result)) == "COMMIT" else {
                throw PostgresError(code: "25P02", description: "a statement had failed before the commit")
            }
        } catch let error as PostgresError where isWrite && (isBroken || error.isLoss) {
            throw PostgresError(code: PostgresError.unknownCommit, description: error.description)
        }
        // A wait for the standby that somebody cancelled ends in success with a warning.
        if isWrite, let warning { throw PostgresError(code: PostgresError.unknownCommit, description: warning) }
    }

    // MARK: statements

    func rows(_ sql: SQL) throws -> [SQLRow] {
        var result: [SQLRow] = []
        try each(sql) { result.append($0) }
        return result
    }
    func each(_ sql: SQL, _ body: (SQLRow) throws -> Void) throws {
        let result = try answer(to: try PostgresRequest(sql, isSearch: isReading))
        defer { PQclear(result) }
        let width = PQnfields(result)
        let columns = (0..<width).map { String(cString: PQfname(result, $0)) }
        let types = (0..<width).map { PQftype(result, $0) }
        for row in 0..<PQntuples(result) {
            let values: [SQLValue] = (0..<width).map { column in
                guard PQgetisnull(result, row, column) == 0, let start = PQgetvalue(result, row, column) else { return .null }
                let bytes = UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(result, row, column)))
                return SQLValue(bytes, type: types[Int(column)])
            }
            try body(SQLRow(columns: columns, values: values))
        }
    }
    func run(_ sql: SQL) throws -> Int {
        let result = try answer(to: try PostgresRequest(sql, isSearch: isReading))
        defer { PQclear(result) }
        return Int(String(cString: PQcmdTuples(result))) ?? 0
    }
    func post(_ sql: SQL) throws { try post(try PostgresRequest(sql)) }
    func post(_ request: PostgresRequest) throws {
        ahead.append(request)
        if ahead.count >= PostgresSession.mostAhead { try flush() }
    }
    func flush() throws {
        guard !ahead.isEmpty else { return }
        let requests = ahead
        ahead = []
        PQclear(try exchange(requests))
    }
    func script(_ text: String) throws {
        try flush()
        PQclear(try check(PQexec(handle, text)))
    }

    private func answer(to request: PostgresRequest) throws -> OpaquePointer {
        let requests = ahead + [request]
        ahead = []
        return try exchange(requests)
    }

    /// Sends requests in one round trip.
    /// - Returns: the answer to the last one, to be cleared by the caller.
    private func exchange(_ requests: [PostgresRequest]) throws -> OpaquePointer {
        hasBegun = true
        if requests.count == 1, let request = requests.first, let result = try alone(request) { return result }
        return try pipelined(requests)
    }

    func check(_ result: OpaquePointer?) throws -> OpaquePointer {
        let status = PQresultStatus(result)
        if let result, status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK { return result }
        defer { PQclear(result) }
        throw error(of: result)
    }
    func error(of result: OpaquePointer?) -> PostgresError {
        let code = PQresultErrorField(result, Int32(UInt8(ascii: "C"))).map { String(cString: $0) } ?? (isBroken ? "08006" : "?????")
        let message = result.map { String(cString: PQresultErrorMessage($0)) } ?? String(cString: PQerrorMessage(handle))
        return PostgresError(code: code, description: message)
    }
}

extension SQLValue {
    /// A value as the server writes it: bigint and its kin, double precision and its kin, sums of bigint, everything else as text.
    fileprivate init(_ bytes: UnsafeRawBufferPointer, type: Oid) {
        switch type {
        case 20, 21, 23:
            var (number, sign): (Int64, Int64) = (0, 1)
            for byte in bytes { if byte == 45 { sign = -1 } else { number = number &* 10 &- Int64(byte &- 48) } }
            self = .integer(sign == 1 ? 0 &- number : number)
        case 700, 701, 1700:
            let text = String(decoding: bytes, as: UTF8.self)
            self = Int64(text).map { type == 1700 ? .integer($0) : .real(Double($0)) } ?? Double(text).map { .real($0) } ?? .text(text)
        default: self = .text(String(decoding: bytes, as: UTF8.self))
        }
    }
}
