import Catalog
import Kernel
import Ledger
import Storage

/// Who is told: one account, a unit of the authority (a division's people of a function), everybody of an organisation, a worker.
public enum Party: Hashable, Sendable {
    case account(String)
    case unit(division: String, function: String)
    case organisation(String)
    case worker(String)
    /// Whoever heads a unit of the authority or an organisation, by its division or record id.
    case managers(String)
    /// The administrators of the house.
    case administrators

    /// As it is kept: `unit:330402/health`.
    public var text: String {
        switch self {
        case .account(let name): "account:\(name)"
        case .unit(let division, let function): "unit:\(division)/\(function)"
        case .organisation(let id): "organisation:\(id)"
        case .worker(let id): "worker:\(id)"
        case .managers(let unit): "managers:\(unit)"
        case .administrators: "administrators"
        }
    }
    public init?(_ text: String) {
        if text == "administrators" { self = .administrators; return }
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let rest = String(text[text.index(after: colon)...])
        switch text[..<colon] {
        case "account": self = .account(rest)
        case "organisation": self = .organisation(rest)
        case "worker": self = .worker(rest)
        case "managers": self = .managers(rest)
        case "unit":
            let parts = rest.split(separator: "/", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { return nil }
            self = .unit(division: parts[0], function: parts[1])
        default: return nil
        }
    }

    /// Every party that a person is of: whose messages they read.
    public static func of(_ person: Person) -> [Party] {
        guard person.role != .nobody else { return [] }
        var parties: [Party] = [.account(person.name)]
        switch person.role {
        case .officer:
            if let division = person.division {
                parties += person.functions.map { .unit(division: division.text, function: $0) }
                if person.isManager { parties.append(.managers(division.text)) }
            }
            // What was handed over brings its messages with it.
            for grant in person.grants {
                if let division = grant.division { parties += grant.functions.map { .unit(division: division.text, function: $0) } }
            }
        case .system: parties.append(.administrators)
        case .organisation:
            if let id = person.organisation { parties += person.isManager ? [.organisation(id), .managers(id)] : [.organisation(id)] }
        case .worker: if let id = person.worker { parties.append(.worker(id)) }
        default: break
        }
        return parties
    }
}

/// Who works for whom, as the accounts say now: which unit of the authority answers for a division, and who is above it. Functions are
/// those of the plans' tables on the day, and deputies are told what is told to those for whom they act.
public struct Directory: Sendable {
    public let entries: [Known]

    /// The accounts that are not closed.
    public init(_ ledger: Ledger, _ db: any Connection) throws { entries = try ledger.people(db) }

    /// The unit that answers for a division: the smallest one around it in which somebody has one of the functions. Where nobody has,
    /// the county itself: what is sent there waits for whoever is appointed.
    /// - Parameter level: no unit below it.
    public func unit(answeringFor division: String, _ functions: [String], atLeast level: DivisionCode.Level = .village) -> Party {
        let order = DivisionCode.Level.allCases
        let highest = order.firstIndex(of: level) ?? order.count
        return units(around: division, functions).first { party in
            guard case .unit(let code, _) = party, let own = DivisionCode(code)?.level else { return false }
            return order.firstIndex(of: own) ?? 0 <= highest
        }
            ?? .unit(division: String(division.prefix(6)), function: functions.first ?? Measure.authority[0])
    }

    /// The units around a division in which somebody has one of the functions, the smallest first.
    public func units(around division: String, _ functions: [String]) -> [Party] {
        var found: [(code: DivisionCode, function: String)] = []
        for entry in entries where entry.person.role == .officer {
            guard let code = entry.person.division, code.contains(division), !found.contains(where: { $0.code == code }),
                let function = functions.first(where: entry.person.functions.contains)
            else { continue }
            found.append((code, function))
        }
        return found.sorted { $0.code.prefix.utf8.count > $1.code.prefix.utf8.count }
            .map { .unit(division: $0.code.text, function: $0.function) }
    }

    /// Who heads the unit or the organisation that owes a duty; nil where nobody does.
    public func managers(ofDebtor debtor: String, in division: String, _ functions: [String]) -> Party? {
        let party: Party
        if debtor.isEmpty {
            guard case .unit(let code, _) = unit(answeringFor: division, functions) else { return nil }
            party = .managers(code)
        } else {
            party = .managers(debtor)
        }
        return accounts(of: party).isEmpty ? nil : party
    }

    /// The chain above whoever owes a duty: for an organisation the authority of its place, then the one above; for a unit those above it.
    public func superiors(ofDebtor debtor: String, in division: String, _ functions: [String]) -> [Party] {
        let units = units(around: division, functions)
        return debtor.isEmpty ? Array(units.dropFirst()) : units
    }

    /// The accounts of a party.
    public func accounts(of party: Party) -> [String] {
        entries.filter { Party.of($0.person).contains(party) }.map(\.person.name)
    }
    public func entry(_ name: String) -> Known? { entries.first { $0.person.name == name } }

    /// The divisions of which a unit does not answer itself, because a smaller unit does.
    public func smallerUnits(than own: DivisionCode, _ functions: [String]) -> [DivisionCode] {
        let codes = entries.compactMap { entry -> DivisionCode? in
            guard entry.person.role == .officer, let code = entry.person.division, code != own, own.contains(code.text),
                functions.contains(where: entry.person.functions.contains)
            else { return nil }
            return code
        }
        return Array(Set(codes)).sorted { $0.text < $1.text }
    }
}
