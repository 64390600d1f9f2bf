import Kernel

/// Walks the lines of all chains in the order of home and sequence and says what is wrong with them, alone and against published heads.
public struct AuditCheck {
    /// One thing that is wrong, with the line at which it shows.
    public struct Flaw: Sendable, Equatable, CustomStringConvertible {
        public enum Code: String, Sendable, CaseIterable {
            /// Numbers go 1, 2, 3 …: here one is missing or one too many.
            case gap
            /// The line does not follow from the one before: it was changed, or that one was.
            case hash
            /// The line is not the one that the head names: the chain was made anew.
            case head
            /// The chain ends before the line that the head names.
            case cut
            /// The head names a home of which there is no line at all.
            case gone
            /// A line behind the last head that says it is older than the head.
            case backdated
            /// The head is not signed by the key it should be.
            case signature
            /// The head does not follow from the head before it.
            case order
            /// A kept version of a record is not what the audit has of it.
            case version
            /// The audit has a version of a record that is not kept.
            case lost
        }
        public let code: Code
        public let home: String
        public let line: Int
        public let head: Int?
        /// The record, where one is meant; `line` is its version then.
        public var subject = ""
        public var description: String {
            "audit \(home) line \(line): \(code.rawValue)\(subject.isEmpty ? "" : " " + subject)\(head.map { " (head \($0))" } ?? "")"
        }
    }
    public struct Result: Sendable {
        public var flaws: [Flaw] = []
        public var homes = 0
        public var lines = 0
        /// Lines behind the last head: for them the chain alone speaks.
        public var since = 0
        public var isWhole: Bool { flaws.isEmpty }
    }

    /// Moments are those at which transactions began: by so much a line may be older than a head and come behind it.
    static let overlap: Int64 = 3_600_000_000

    private let last: AuditHead?
    /// The lines that binding heads name, by home and sequence.
    private let named: [String: [Int: (hash: String, head: Int)]]
    private var found = Result()
    private var home: String?
    private var sequence = 0
    private var previous = ""
    private var isBroken = false
    private var seen: Set<String> = []
    private var skipped: [String: AuditHead.End] = [:]

    /// - Parameter heads: in their order. Those before a head with a note bind no longer.
    public init(_ heads: [AuditHead]) {
        let binding = heads.lastIndex { !$0.note.isEmpty }.map { Array(heads[$0...]) } ?? heads
        var named: [String: [Int: (hash: String, head: Int)]] = [:]
        for head in binding {
            for (home, end) in head.homes {
                named[home, default: [:]][end.sequence] = (end.hash, head.number)
            }
        }
        (self.named, last) = (named, binding.last)
    }

    /// Begins a home behind a line that is known to be right.
    mutating func skip(_ home: String, to end: AuditHead.End) { skipped[home] = end }

    public mutating func take(_ line: Audit.Line) {
        if line.home != home {
            finishHome()
            (home, isBroken) = (line.home, false)
            (sequence, previous) = (skipped[line.home]?.sequence ?? 0, skipped[line.home]?.hash ?? "")
            seen.insert(line.home)
            found.homes += 1
        }
        found.lines += 1
        let end = last?.homes[line.home]?.sequence ?? 0
        if line.sequence > end { found.since += 1 }
        if line.sequence != sequence + 1 {
            report(.gap, sequence + 1, nil)
        } else if line.hash(after: previous) != line.hash {
            report(.hash, line.sequence, nil)
        } else if let named = named[line.home]?[line.sequence], named.hash != line.hash {
            report(.head, line.sequence, named.head)
        } else if line.sequence > end, let last, line.moment.microseconds < last.moment - AuditCheck.overlap {
            report(.backdated, line.sequence, last.number)
        }
        (sequence, previous) = (line.sequence, line.hash)
    }

    /// Only the first flaw of a home is told: those behind it mostly follow from it.
    private mutating func report(_ code: Flaw.Code, _ line: Int, _ head: Int?) {
        guard !isBroken else { return }
        isBroken = true
        found.flaws.append(Flaw(code: code, home: home ?? "", line: line, head: head))
    }

    private mutating func finishHome() {
        guard let home, let named = named[home], let furthest = named.max(by: { $0.key < $1.key }), furthest.key > sequence else {
            return
        }
        report(.cut, sequence + 1, furthest.value.head)
    }

    public mutating func result() -> Result {
        finishHome()
        for (home, lines) in named.sorted(by: { $0.key < $1.key }) where !seen.contains(home) && skipped[home] == nil {
            found.flaws.append(Flaw(code: .gone, home: home, line: 1, head: lines.values.map(\.head).max()))
        }
        return found
    }
}
