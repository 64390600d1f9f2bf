import CLibPQ
import Dispatch
import Foundation
import Kernel

/// PostgreSQL through libpq: a pool of connections, each used by one closure at a time on a thread of its own.
/// Writers are ordered by one advisory lock, so that a rule that reads and then writes means the same as on SQLite.
public final class PostgresStore: Store {
    public let dialect = Dialect.postgres
    private let pool: Pool

    public init(url: String, connections: Int = 4) throws {
        pool = Pool(try (0..<connections).map { try PostgresConnection(url: url, number: $0) })
    }

    public func read<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T {
        try await pool.use { try $0.transaction("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", body) }
    }
    public func write<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T {
        try await pool.use { connection in
            var tries = 0
            while true {
                do {
                    return try connection.transaction("BEGIN ISOLATION LEVEL READ COMMITTED") { db in
                        _ = try db.rows("SELECT pg_advisory_xact_lock(hashtext(current_schema())) AS locked")
                        return try body(db)
                    }
                } catch let error as PostgresError where error.isTransient && tries < 5 {
                    tries += 1
                }
            }
        }
    }
}

public struct PostgresError: Error, CustomStringConvertible {
    public let code, description: String
    /// Serialization failures and deadlocks: the same work can be tried again.
    var isTransient: Bool { code == "40001" || code == "40P01" }
}

private actor Pool {
    private var idle: [PostgresConnection]
    private var waiting: [CheckedContinuation<PostgresConnection, Never>] = []
    init(_ connections: [PostgresConnection]) { idle = connections }

    func use<T: Sendable>(_ work: @escaping @Sendable (PostgresConnection) throws -> T) async throws -> T {
        let connection = await take()
        defer { give(back: connection) }
        return try await withCheckedThrowingContinuation { answer in
            connection.queue.async { answer.resume(with: Result { try work(connection) }) }
        }
    }
    private func take() async -> PostgresConnection {
        if let connection = idle.popLast() { return connection }
        return await withCheckedContinuation { waiting.append($0) }
    }
    private func give(back connection: PostgresConnection) {
        if waiting.isEmpty { idle.append(connection) } else { waiting.removeFirst().resume(returning: connection) }
    }
}

/// `@unchecked Sendable`: every use goes through its own serial queue.
private final class PostgresConnection: Connection, @unchecked Sendable {
    let queue: DispatchQueue
    private let handle: OpaquePointer

    init(url: String, number: Int) throws {
        queue = DispatchQueue(label: "postgres.\(number)")
        guard let handle = PQconnectdb(url) else { throw PostgresError(code: "08001", description: "out of memory") }
        self.handle = handle
        guard PQstatus(handle) == CONNECTION_OK else {
            throw PostgresError(code: "08001", description: String(cString: PQerrorMessage(handle)))
        }
        try script("SET client_min_messages = warning; SET client_encoding = 'UTF8'")
    }
    deinit { PQfinish(handle) }

    func transaction<T>(_ begin: String, _ body: (any Connection) throws -> T) throws -> T {
        if PQstatus(handle) != CONNECTION_OK { PQreset(handle) }
        try script(begin)
        do {
            let value = try body(self)
            try script("COMMIT")
            return value
        } catch {
            try? script("ROLLBACK")
            throw error
        }
    }
    func rows(_ sql: SQL) throws -> [SQLRow] {
        var result: [SQLRow] = []
        try each(sql) { result.append($0) }
        return result
    }
    func each(_ sql: SQL, _ body: (SQLRow) throws -> Void) throws {
        let result = try answer(to: sql)
        defer { PQclear(result) }
        let width = PQnfields(result)
        let columns = (0..<width).map { String(cString: PQfname(result, $0)) }
        let types = (0..<width).map { PQftype(result, $0) }
        for row in 0..<PQntuples(result) {
            let values: [SQLValue] = (0..<width).map { column in
                guard PQgetisnull(result, row, column) == 0 else { return .null }
                let text = String(cString: PQgetvalue(result, row, column))
                switch types[Int(column)] {
                case 20, 21, 23: return Int64(text).map { .integer($0) } ?? .text(text)
                case 700, 701, 1700: return Double(text).map { .real($0) } ?? .text(text)
                default: return .text(text)
                }
            }
            try body(SQLRow(columns: columns, values: values))
        }
    }
    func run(_ sql: SQL) throws -> Int {
        let result = try answer(to: sql)
        defer { PQclear(result) }
        return Int(String(cString: PQcmdTuples(result))) ?? 0
    }
    func script(_ text: String) throws { PQclear(try check(PQexec(handle, text))) }

    func insert(into table: String, _ columns: [String], _ rows: [[SQLValue]], _ conflict: String) throws {
        let step = max(1, 20_000 / max(1, columns.count))
        for start in stride(from: 0, to: rows.count, by: step) {
            let part = rows[start..<min(start + step, rows.count)]
            var number = 0
            let tuples = part.map { row in
                "("
                    + row.map { _ in
                        number += 1; return "$\(number)"
                    }.joined(separator: ", ") + ")"
            }
            let text =
                "INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES " + tuples.joined(separator: ", ")
                + " " + conflict
            PQclear(try ask(text, part.flatMap { $0 }))
        }
    }

    private func answer(to sql: SQL) throws -> OpaquePointer {
        let (text, values) = sql.rendered { "$\($0)" }
        return try ask(text, values)
    }
    private func ask(_ text: String, _ values: [SQLValue]) throws -> OpaquePointer {
        let texts: [String?] = values.map {
            switch $0 {
            case .null: nil
            case .integer(let number): String(number)
            case .real(let number): String(number)
            case .text(let text): text
            }
        }
        let copies = texts.map { $0.flatMap { strdup($0) } }
        defer { copies.forEach { free($0) } }
        let pointers: [UnsafePointer<CChar>?] = copies.map { $0.map { UnsafePointer($0) } }
        // Types are told, so that `$1` means the same wherever it stands: 20 bigint, 701 double precision, 25 text.
        let types: [Oid] = values.map {
            switch $0 {
            case .null: 0
            case .integer: 20
            case .real: 701
            case .text: 25
            }
        }
        return try check(PQexecParams(handle, text, Int32(values.count), types, pointers, nil, nil, 0))
    }
    private func check(_ result: OpaquePointer?) throws -> OpaquePointer {
        let status = PQresultStatus(result)
        if let result, status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK { return result }
        defer { PQclear(result) }
        let code = PQresultErrorField(result, Int32(UInt8(ascii: "C"))).map { String(cString: $0) } ?? "?????"
        let message = result.map { String(cString: PQresultErrorMessage($0)) } ?? String(cString: PQerrorMessage(handle))
        throw PostgresError(code: code, description: message)
    }
}
