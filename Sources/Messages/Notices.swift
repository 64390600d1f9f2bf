import Catalog
import Kernel
import Ledger
import Storage

extension Messages {
    /// Tells the parties of a record's place what became of it, in the transaction of the change: which step of which kind tells whom is
    /// `Data/standards/notices.yaml`. Several records of one kind in one submission are told as one.
    public static func listen(_ ledger: Ledger, _ db: any Connection, _ changes: [Change]) throws {
        let rules = ledger.catalog.reminders.notices
        let rulesOfKind = Dictionary(grouping: rules, by: \.kind)
        // Nobody is told of what demonstration data and moves bring.
        let told = changes.filter { change in
            !quietDoors.contains(change.door) && (rulesOfKind[change.record.kind.name] != nil || change.record.state != nil)
        }
        guard !told.isEmpty else { return }
        struct Heap: Hashable {
            let party: Party
            let word, topic, kind: String
        }
        var heaps: [Heap: [(change: Change, who: String?)]] = [:]
        var directory: Directory?
        for change in told {
            let before = change.isNew ? nil : try ledger.version(db, of: change.record, change.record.version - 1)
            let step = step(of: change, from: before)
            let fitting = rules.filter { rule in
                guard rule.step == step, rule.kind == change.record.kind.name || rule.kind == "*" else { return false }
                guard let name = rule.filled, let field = change.record.kind.field(named: name) else { return rule.filled == nil }
                return change.record[field] != nil && before?[field] == nil
            }
            guard !fitting.isEmpty else { continue }
            let people = try directory ?? Directory(ledger, db)
            directory = people
            let parties = try Parties(ledger, db, change.record, people)
            var seen: Set<NoticeRule.Receiver> = []
            for rule in fitting {
                for receiver in rule.receivers where seen.insert(receiver).inserted {
                    for party in parties.of(receiver) where !Party.of(change.by).contains(party) {
                        let heap = Heap(party: party, word: rule.word, topic: rule.topic, kind: change.record.kind.name)
                        heaps[heap, default: []].append((change, parties.who))
                    }
                }
            }
        }
        let messages = heaps.map { heap, changes -> Message in
            let record = changes[0].change.record
            var details = ["kind": heap.kind, "count": String(changes.count)]
            let whose = Set(changes.map(\.who))
            if whose.count == 1, let who = changes[0].who { details["who"] = who }
            return Message(
                Message.Topic(rawValue: heap.topic) ?? .flow, to: heap.party, "notice." + heap.word + (changes.count > 1 ? ".many" : ""),
                details, record: changes.count == 1 ? record.id : "", home: record.home, at: changes[0].change.at)
        }
        try send(ledger, db, messages.sorted { $0.party.text < $1.party.text }, directory: directory)
    }
    private static let quietDoors: Set<String> = ["demo", "move", "restore"]

    /// What happened to a record, in the words of the rules: by its course where its kind has one. What leaves it where it stood is a change:
    /// a day of service that is added to what was accepted long ago.
    static func step(of change: Change, from before: Record?) -> String {
        if let before, let state = change.record.state, change.isLive, before.state == state, before.stage == change.record.stage {
            return "change"
        }
        return switch change.record.state {
        case .submitted?, .changed?: change.isLive ? Flow.Step.submit.rawValue : "withdraw"
        case .accepted?: change.isLive ? Flow.Step.accept.rawValue : "withdraw"
        case .returned?: change.isLive ? Flow.Step.sendBack.rawValue : "withdraw"
        case .cancelled?: Flow.Step.cancel.rawValue
        case nil: change.isLive ? change.isNew ? "create" : "change" : "withdraw"
        }
    }

    /// Whose a record is.
    private struct Parties {
        let employers, institutions, workers, speakers: [String]
        let authority: Party
        let departments: [Party]
        /// The organisation that it is of, for the sentence.
        var who: String? { employers.first ?? institutions.first }

        init(_ ledger: Ledger, _ db: any Connection, _ record: Record, _ directory: Directory) throws {
            let place = try ledger.place(db, of: record)
            let titles = try ledger.titles(db, Set(place.organisations))
            let named = record.kind.references.filter { $0.target == "worker" }.compactMap { record.target(of: $0) }
            // Of what is the authority's alone no organisation is told, whatever a rule says.
            let isSecret = Submitters.isSecret(record.kind.name)
            if isSecret {
                (employers, institutions) = ([], [])
            } else {
                employers = titles.filter { $0.value.kind == "employer" }.map(\.key).sorted()
                institutions = titles.filter { $0.value.kind == "institution" }.map(\.key).sorted()
            }
            speakers = place.people
            workers = isSecret ? [] : record.kind.name == "worker" ? [record.id] : named
            // Whoever accepts next is told: an organisation where it is one, else the authority at the level that does.
            departments = place.functions.map { directory.unit(answeringFor: place.divisions.first ?? record.home, [$0]) }
            authority =
                place.receivers.first.map { .organisation($0) }
                ?? directory.unit(answeringFor: place.divisions.first ?? record.home, Measure.authority, atLeast: place.level ?? .village)
        }
        func of(_ receiver: NoticeRule.Receiver) -> [Party] {
            switch receiver {
            case .employer: employers.map { .organisation($0) }
            case .institution: institutions.map { .organisation($0) }
            case .worker: workers.map { .worker($0) }
            case .speaker: speakers.map { .account($0) }
            case .authority: [authority]
            case .department: departments
            }
        }
    }
}
