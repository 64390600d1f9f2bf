import Exchange
import HTTPTypes
import Hummingbird
import Kernel
import Ledger
import Registry
import Storage
import Web

/// The whole file of a worker: employments and exposures, examinations and diagnoses, and what employers owe for them.
func workerRoutes(_ office: Office) -> [Route] {
    [
        Route(.get, "/workers/:id", needs: .signedIn) { call in try await workerPage(office, call, isClear: false) },
        Route(.post, "/workers/:id/unmasking", needs: .signedIn) { call in
            // The whole file in clear: one reason, one line of the audit.
            try await unmask(office, call)
            return try await workerPage(office, call, isClear: true)
        },
    ]
}

private func workerPage(_ office: Office, _ call: Call, isClear: Bool) async throws -> Response {
    let id = try call.part("id")
    do {
        let model = try await office.ledger.store.read { db in try workerModel(Showing(office, call, db, isClear: isClear), id) }
        return try call.page("worker", model)
    } catch let moved as SubjectFile.Moved {
        return call.redirect(to: Office.href(Address.worker(moved.to), call.query))
    }
}

private func workerModel(_ show: Showing, _ id: String) throws -> WorkerPage {
    let call = show.call
    let subject = try SubjectFile(show, id, kind: Worker.kind)
    let (file, day) = (subject.file, subject.day)
    let mayChange = try show.may(.change, file.root)
    let maySeeMore = try !show.isClear && show.may(.seePersonal, file.root)
    // What another employer of theirs owes is not this one's to read.
    let own: SQL = call.person.role == .organisation ? "AND s.debtor = \(call.person.organisation ?? "")" : ""
    let duties = try subject.duties("s.home = \(file.root.home) AND s.root = \(id) \(own)", withDebtor: true)
    let employers = WorkerPlaces(file).places.filter { $0.employed[day] }.map(\.employer)
    try show.fetch(employers)
    let identity = try [Worker.identity.spec, Worker.otherIdentity.spec].map { try show.value($0, of: file.root).text }.first {
        !$0.isEmpty
    }
    let work = try employers.compactMap { employer -> View.Fact? in
        guard let record = try show.record(employer), try call.person.role != .organisation || show.sees(record) else { return nil }
        return View.Fact(
            label: show.label(Employment.employer.spec), value: try show.title(record),
            href: try show.sees(record) ? Address.employer(employer) : nil)
    }
    return WorkerPage(
        frame: show.office.frame(call, at: .records), name: file.root[Worker.name] ?? id, identity: identity ?? "—",
        unmaskAction: maySeeMore ? Address.worker(id) + "/unmasking" : nil, place: try show.place(file.root.home),
        asOf: View.AsOf(action: Address.worker(id), day: day.description, showsKnown: false),
        facts: try subject.facts(changedBy: [], without: ["name", "identity"]) + work, duties: duties.open, settled: duties.settled,
        openCount: show.count(duties.openCount), overdueCount: show.count(duties.overdueCount), standings: try subject.standings(),
        timeline: try subject.timeline(), sections: try subject.sections(mayAdd: mayChange) + (try toldSections(show)),
        editHref: mayChange ? Address.edit(id) : nil,
        inviteHref: mayDo(call.person, .change, at: Place(divisions: [file.root.home], kind: "account"))
            ? Office.href("/accounts/invite", [:], ["worker": id]) : nil)
}

/// What is measured and posted where the reader works: a worker is told of it without being in its file.
private func toldSections(_ show: Showing) throws -> [View.Section] {
    guard show.call.person.role == .worker else { return [] }
    let reach = Reach(ledger: show.ledger, person: show.call.person)
    return try show.ledger.features.flatMap(\.kinds).filter { Submitters.isTold($0.name) && reach.concerns($0) }.compactMap { kind in
        let total = try Listing.count(show, kind, search: "", target: nil, isWithdrawn: false)
        guard total > 0 else { return nil }
        let newest = try Listing(show, kind, limit: 20).records
        return try show.section(kind, newest, total: total, more: Address.kind(kind.name), isOpen: kind.name == "test_result")
    }
}
