import Kernel

/// What a sanction of the penalties 罚则 is, and when the clause allows it.
public struct Sanction: Sendable, Hashable {
    /// Kinds of penalties 处罚种类, and the orders that go with them. Raw values are codes of the table `penalty_means`.
    public enum Means: String, Sendable, CaseIterable {
        /// 警告, 罚款, 没收违法所得.
        case warning, fine, confiscation
        /// 责令停止作业; 提请责令停建、关闭.
        case suspension, closure
        /// 取消资格.
        case disqualification
        /// Orders 责令限期改正 (治理), 责令立即停止: no penalties themselves.
        case correction, cessation
        /// 通报批评.
        case criticism
    }
    /// What must be so besides the breach itself.
    public enum Condition: String, Sendable, Hashable {
        case always
        /// 可以: left to discretion.
        case may
        /// 逾期不改正的.
        case overdue
        /// 情节严重的.
        case severe
    }
    public let means: Means
    public let condition: Condition
}

/// The bounds of a fine: yuan, or multiples of the illegal income.
public struct FineBounds: Sendable, Hashable {
    public let minimum, maximum: Double
    public let isMultiple: Bool
    public let condition: Sanction.Condition

    /// The bounds in yuan; nil where they hang on an income that is not told.
    public func yuan(income: Double?) -> ClosedRange<Int>? {
        if !isMultiple { return Int(minimum)...Int(maximum) }
        guard let income else { return nil }
        // Inside the bounds whatever the fraction: up at the lower end, down at the upper.
        let (low, high) = ((minimum * income).rounded(.up), (maximum * income).rounded(.down))
        return low <= high && high < 1e15 ? Int(low)...Int(high) : nil
    }
}

/// An item of the penalties read clause by clause from its own words: which sanctions it allows and when, and what of it is not understood.
public struct PenaltyRange: Sendable {
    public let sanctions: [Sanction]
    public let fine: FineBounds?
    /// Parts of the text that say something else: sanctions on persons, criminal charges, other laws. Nobody's house decides those.
    public let unread: [String]

    public init(_ penalty: Penalty) {
        var sanctions: [Sanction] = []
        var fines: [(kind: String, fine: FineBounds)] = []
        var unread: [String] = []
        for sentence in penalty.fine.split(separator: "；") {
            var condition = Sanction.Condition.always
            var situation = ""
            for part in sentence.split(separator: "，").map(String.init) {
                if let found = PenaltyRange.conditions[part] {
                    condition = found
                } else if part.hasSuffix("的"), !part.contains("罚款") {
                    situation = String(part.dropLast())
                } else if let fine = PenaltyRange.fine(part, condition) {
                    fines.append((situation, fine))
                } else if let means = PenaltyRange.means(part) {
                    sanctions += means.map { Sanction(means: $0, condition: condition) }
                } else {
                    unread.append(part)
                }
            }
        }
        // Of several situations in one text the row's own is meant; the first sentence speaks of the plain breach.
        let kind = penalty.kind
        let own =
            kind.isEmpty
            ? fines.first : fines.first { !$0.kind.isEmpty && kind.hasSuffix($0.kind) } ?? fines.first { $0.kind.isEmpty }
        fine = own?.fine
        if let fine { sanctions.append(Sanction(means: .fine, condition: fine.condition)) }
        (self.sanctions, self.unread) = (sanctions, unread)
    }

    public func sanction(_ means: Sanction.Means) -> Sanction? { sanctions.first { $0.means == means } }

    private static let conditions: [String: Sanction.Condition] = ["逾期不改正的": .overdue, "情节严重的": .severe]

    private static func means(_ part: String) -> [Sanction.Means]? {
        switch part {
        case "警告": [.warning]
        case "责令限期改正", "责令限期治理": [.correction]
        case "责令立即停止": [.cessation]
        case "没收违法所得", "没收财物": [.confiscation]
        case "责令停止作业或者提请责令停建、关闭", "责令停止作业或者提请责令关闭": [.suspension, .closure]
        case "取消资格", "取消资格并从专家库除名": [.disqualification]
        case "通报批评": [.criticism]
        default: nil
        }
    }

    /// `可以并处五万元以上十万元以下的罚款`, `处十万元以下的罚款`, `并处二倍以上十倍以下的罚款`.
    static func fine(_ part: String, _ condition: Sanction.Condition) -> FineBounds? {
        guard part.hasSuffix("的罚款") else { return nil }
        var text = part.dropLast(3)
        var condition = condition
        if text.hasPrefix("可以") {
            text = text.dropFirst(2)
            if condition == .always { condition = .may }
        }
        text = text.hasPrefix("并处") ? text.dropFirst(2) : text.hasPrefix("处") ? text.dropFirst() : text
        guard text.hasSuffix("以下") else { return nil }
        text = text.dropLast(2)
        let ends = text.replacing("以上", with: "|").split(separator: "|").map(String.init)
        let isMultiple = ends.allSatisfy { $0.hasSuffix("倍") }
        guard isMultiple || ends.allSatisfy({ $0.hasSuffix("元") }) else { return nil }
        let numbers = ends.compactMap { number(String($0.dropLast())) }
        guard numbers.count == ends.count, let last = numbers.last, (1...2).contains(numbers.count) else { return nil }
        let first = numbers.count == 2 ? numbers[0] : 0
        guard first <= last else { return nil }
        return FineBounds(minimum: first, maximum: last, isMultiple: isMultiple, condition: condition)
    }

    /// `五十万` → 500000. Nil for what is no such numeral.
    static func number(_ text: String) -> Double? {
        let digits: [Character: Double] = ["一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9]
        let units: [Character: Double] = ["十": 10, "百": 100, "千": 1000]
        var (total, section, digit) = (0.0, 0.0, 0.0)
        guard !text.isEmpty else { return nil }
        for character in text {
            if let value = digits[character] {
                digit = value
            } else if let unit = units[character] {
                section += (digit == 0 ? 1 : digit) * unit
                digit = 0
            } else if character == "万" {
                total += (section + digit) * 10_000
                (section, digit) = (0, 0)
            } else {
                return nil
            }
        }
        return total + section + digit
    }
}

extension Penalty {
    /// `72.1`; of several cases of one item `79.a`.
    public static func coded(_ all: [Penalty]) -> [(code: String, penalty: Penalty)] {
        var seen: [String: Int] = [:]
        let bases = all.map { penalty -> String in
            let number = PenaltyRange.number(penalty.item.filter { !"第款".contains($0) })
            return "\(penalty.article)" + (number.map { ".\(Int($0))" } ?? "")
        }
        let counts = Dictionary(grouping: bases) { $0 }.mapValues(\.count)
        return zip(bases, all).map { base, penalty in
            guard counts[base] ?? 0 > 1 else { return (base, penalty) }
            let index = seen[base, default: 0]
            seen[base] = index + 1
            return (base + (base.contains(".") ? "" : ".") + ["a", "b", "c", "d"][min(index, 3)], penalty)
        }
    }
    /// `第72条（一）`, with the case where the item tells several apart.
    public func name(english: Bool) -> String {
        let number = PenaltyRange.number(item.filter { !"第款".contains($0) }).map { Int($0) }
        if english { return "Art. \(article)" + (number.map { " (\($0))" } ?? "") + (kindEnglish.isEmpty ? "" : ", \(kindEnglish)") }
        return provenance.clause + (kind.isEmpty ? "" : " \(kind)")
    }
    private var kindEnglish: String {
        switch kind {
        case "未按规定报告": "not reported"
        case "弄虚作假": "fraud"
        case "违法所得五千元以上": "illegal income of 5,000 yuan or more"
        case "没有违法所得或者不足五千元": "no illegal income or less than 5,000 yuan"
        default: ""
        }
    }
}
