import CLibPQ
import Kernel

/// Rows in bulk: a few by prepared statements of two, four, eight … rows, many by COPY.
extension PostgresSession {
    static let copiedFrom = 128

    func insert(into table: String, _ columns: [String], _ rows: [[SQLValue]]) throws {
        if rows.count >= PostgresSession.copiedFrom { return try copy(into: table, columns, rows) }
        try send("INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES ", "", columns.count, rows)
    }

    func add(to table: String, _ columns: [String], key: Int, _ rows: [[SQLValue]]) throws {
        let sums = columns[key...].map { "\($0) = \(table).\($0) + excluded.\($0)" }.joined(separator: ", ")
        try send(
            "INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES ",
            " ON CONFLICT (\(columns[..<key].joined(separator: ", "))) DO UPDATE SET \(sums)", columns.count, rows)
    }

    /// Posts one statement for each power of two in the number of rows, so that there are few texts and each is prepared once.
    private func send(_ head: String, _ tail: String, _ width: Int, _ rows: [[SQLValue]]) throws {
        var start = 0
        while start < rows.count {
            var size = 512
            while size > rows.count - start || size * width > 16_384 { size /= 2 }
            let part = rows[start..<(start + max(1, size))]
            start += part.count
            let tuples = part.indices.map { row in
                "(" + (1...max(1, width)).map { "$\((row - part.startIndex) * width + $0)" }.joined(separator: ", ") + ")"
            }
            // A null has the type of its column in other rows, so that few texts are prepared twice for it.
            var types = [Oid](repeating: 0, count: width)
            for row in part { for (column, value) in row.enumerated() where types[column] == 0 { types[column] = value.type } }
            var request = PostgresRequest(head + tuples.joined(separator: ", ") + tail)
            for row in part { for (column, value) in row.enumerated() { try request.append(value, type: types[column]) } }
            try post(request)
        }
    }

    private func copy(into table: String, _ columns: [String], _ rows: [[SQLValue]]) throws {
        try flush()
        let opened = PQexec(handle, "COPY \(table) (\(columns.joined(separator: ", "))) FROM STDIN")
        guard PQresultStatus(opened) == PGRES_COPY_IN else {
            PQclear(try check(opened))
            return
        }
        PQclear(opened)
        var text = CopyText()
        var flaw: PostgresError?
        do {
            for row in rows {
                try text.append(row)
                if text.bytes.count > 1 << 16 { try put(&text) }
            }
            try put(&text)
        } catch let error as PostgresError { flaw = error }
        if let flaw, !isBroken {
            _ = PQputCopyEnd(handle, "refused")
            while let result = PQgetResult(handle) { PQclear(result) }
            throw flaw
        }
        guard PQputCopyEnd(handle, nil) == 1 else { throw error(of: nil) }
        var failure: PostgresError?
        while let result = PQgetResult(handle) {
            if PQresultStatus(result) != PGRES_COMMAND_OK, failure == nil { failure = error(of: result) }
            PQclear(result)
        }
        if let failure { throw failure }
        if isBroken { throw error(of: nil) }
    }

    private func put(_ text: inout CopyText) throws {
        let isTaken = text.bytes.withUnsafeBytes { all in
            all.isEmpty || PQputCopyData(handle, all.bindMemory(to: CChar.self).baseAddress, Int32(all.count)) == 1
        }
        guard isTaken else { throw error(of: nil) }
        text.bytes.removeAll(keepingCapacity: true)
    }
}

/// Rows in the text format of COPY: columns parted by tabs, rows by line ends, `\N` for null, what would be mistaken behind a backslash.
struct CopyText {
    var bytes: [UInt8] = []

    /// - Throws: 22021 for a text with a NUL in it.
    mutating func append(_ row: [SQLValue]) throws {
        for (column, value) in row.enumerated() {
            if column > 0 { bytes.append(9) }
            switch value {
            case .null: bytes += [92, 78]
            case .integer(let number): bytes += String(number).utf8
            // A whole number is one in either kind of column.
            case .real(let number):
                bytes += (abs(number) < 9e15 ? Int64(exactly: number).map(String.init) ?? "\(number)" : "\(number)").utf8
            case .text(let text): try append(text)
            }
        }
        bytes.append(10)
    }
    private mutating func append(_ text: String) throws {
        let start = bytes.count
        for byte in text.utf8 {
            switch byte {
            case 92: bytes += [92, 92]
            case 9: bytes += [92, 116]
            case 10: bytes += [92, 110]
            case 13: bytes += [92, 114]
            default: bytes.append(byte)
            }
        }
        try PostgresRequest.refuseNul(bytes[start...])
    }
}

extension SQLValue {
    fileprivate var type: Oid {
        switch self {
        case .null: 0
        case .integer: 20
        case .real: 701
        case .text: 25
        }
    }
}
