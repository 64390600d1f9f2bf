import Catalog
import Kernel
import Ledger
import Storage

extension Messages {
    /// Tells the parties of a record's place what became of it, in the transaction of the change: which step of which kind tells whom is
    /// `Data/standards/notices.yaml`. Several records of one kind in one submission are told as one.
    public static func listen(_ ledger: Ledger, _ db: any Connection, _ changes: [Change]) throws {
        let rules = ledger.catalog.reminders.notices
        let kinds = Set(rules.map(\.kind))
        // Nobody is told of what demonstration data and moves bring.
        let told = changes.filter { change in
            !quietDoors.contains(change.door) && (kinds.contains(change.record.kind.name) || kinds.contains("*"))
        }
        guard !told.isEmpty else { return }
        struct Heap: Hashable {
            let party: Party
            let word, topic, kind: String
        }
        var heaps: [Heap: [(change: Change, who: String?)]] = [:]
        var directory: Directory?
        for change in told {
            let step = step(of: change)
            let fitting = rules.filter { $0.step == step && ($0.kind == change.record.kind.name || $0.kind == "*") }
            guard !fitting.isEmpty else { continue }
            let people = try directory ?? Directory(db)
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
        try send(db, messages.sorted { $0.party.text < $1.party.text }, directory: directory)
    }
    private static let quietDoors: Set<String> = ["demo", "move", "restore"]

    /// What happened to a record, in the words of the rules: by its course where its kind has one.
    static func step(of change: Change) -> String {
        switch change.record.state {
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
        /// The organisation that it is of, for the sentence.
        var who: String? { employers.first ?? institutions.first }

        init(_ ledger: Ledger, _ db: any Connection, _ record: Record, _ directory: Directory) throws {
            let place = try ledger.place(db, of: record)
            let titles = try ledger.titles(db, Set(place.organisations))
            let named = record.kind.references.filter { $0.target == "worker" }.compactMap { record.target(of: $0) }
            // What no organisation sees, none is told of.
            let isConfided = Submitters.isSealed(record.kind.name, from: Person(name: "", role: .organisation))
            if isConfided {
                (employers, institutions) = ([], [])
            } else {
                employers = titles.filter { $0.value.kind == "employer" }.map(\.key).sorted()
                institutions = titles.filter { $0.value.kind == "institution" }.map(\.key).sorted()
            }
            speakers = place.people
            workers = isConfided ? [] : record.kind.name == "worker" ? [record.id] : named
            // Whoever accepts next is told: an organisation where it is one, else the authority at the level that does.
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
            }
        }
    }
}
