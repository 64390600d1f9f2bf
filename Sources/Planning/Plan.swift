import Kernel
import Ledger

/// A text in both languages; English falls back to Chinese where a plan gives none.
public struct Words: Sendable, Hashable {
    public let zh, en: String
    public init(zh: String, en: String? = nil) { (self.zh, self.en) = (zh, en ?? zh) }
    public func text(english: Bool) -> String { english ? en : zh }
}

/// What an indicator is held against.
public struct Target: Sendable, Hashable {
    public enum Operator: String, Sendable, CaseIterable {
        case gte, lte, eq, between, increasing, decreasing, controlled, achieved, qualitative
    }
    public let `operator`: Operator
    public let value: Double?
    public let range: ClosedRange<Double>?
    /// `percent`, `cases`, `enterprises`, `CNY` …, as the plan's reader sees it.
    public let unit: String
    public init(_ operator: Operator, value: Double? = nil, range: ClosedRange<Double>? = nil, unit: String = "") {
        (self.operator, self.value, self.range, self.unit) = (`operator`, value, range, unit)
    }
}

/// A plan's name for a measure, with its scope, target, due year and counting unit.
public struct Indicator: Sendable {
    public let id: String
    public let measure: Measure
    public let name: Words
    public let isHeadline: Bool
    public let target: Target
    public let due: Int
    /// Each year of the plan is judged by itself.
    public let everyYear: Bool
    public let scopeID: String
    public let scope: Scope
    public let unit: String?
    public let overrides: [String: String]
    public let clauses: [String]
    public let reading: Words?
    /// Where it and its target stand in the file.
    public let line, targetLine: Int
}

public struct ScopeEntry: Sendable {
    public let id: String
    public let name: Words
    public let reading: Words?
    public let clauses: [String]
    public let scope: Scope
}

public struct Department: Sendable {
    public let function: String
    public let name: Words
    public let role: String
    public let force: Span
    public let clauses: [String]
    public let duties: [String]
    public let note: String
}

public struct PlanTask: Sendable {
    public let id: String
    public let title: Words
    public let kind: String
    public let clauses: [String]
    public let stated: [String]
    public let inferred: [String]
    public let subtasks: [(id: String, title: Words)]
}

/// A named list of the plan: key industries, venues, payers, hazards to watch.
public struct PlanList: Sendable {
    public let id: String
    public let name: Words
    public let clauses: [String]
    public typealias Item = (name: Words, code: String?, codes: [String])
    public let items: [Item]
}

/// A grading scheme 分级方案: the plan's own letters over neutral risk levels. Which letter is the worst is data, never code.
public struct GradingScheme: Sendable {
    public struct Label: Sendable, Hashable {
        public let label: String
        /// Codes of the table `risk_level`.
        public let levels: [String]
        /// 1 is under the closest supervision.
        public let rank: Int?
        public let meaning: Words?
    }
    public let id: String
    public let name: Words
    public let labels: [Label]
    public let clauses: [String]
}

/// A regional plan 规划 as its file says it.
public struct Plan: Sendable {
    public let id: String
    public let name: Words
    public let jurisdiction: DivisionCode
    public let jurisdictionName: Words
    public let years: ClosedRange<Int>
    public let indicators: [Indicator]
    public let scopes: [ScopeEntry]
    public let departments: [Department]
    public let tasks: [PlanTask]
    public let lists: [PlanList]
    public let schemes: [GradingScheme]
    /// Evaluation calendar and the other parts that are shown as they are: label and text, by section.
    public let sections: [(id: String, rows: [(label: String, text: String)])]
    public let parents: [DivisionCode]
    public let text: String
    public var digest: String { Digest.sha256(text) }

    public func indicator(_ id: String) -> Indicator? { indicators.first { $0.id == id } }
    public func gaugeName(_ indicator: Indicator) -> String { "\(id)/\(indicator.id)" }
    public var firstDay: Day { .firstDay(of: years.lowerBound) }
    public var lastDay: Day { .lastDay(of: years.upperBound) }
}
