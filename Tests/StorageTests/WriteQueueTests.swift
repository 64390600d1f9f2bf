import Kernel
import Synchronization
import TestKit
import Testing

@testable import Storage

/// Writes that arrive together share a commit and are answered after it, each for itself.
@Suite struct WriteQueueTests {
    struct Stop: Error {}

    @Test(arguments: Stores.kinds) func manyAtOnceEachForItself(_ kind: Dialect) async throws {
        let store = try await Stores.fresh(kind)
        try await Schema([.init(name: "1", sql: "CREATE TABLE thing (id TEXT NOT NULL, PRIMARY KEY (id)) STRICT;")]).bring(upToDate: store)
        let fates = await withTaskGroup(of: (number: Int, isAcknowledged: Bool, isThere: Bool?).self) { group in
            for number in 0..<300 {
                group.addTask {
                    do {
                        try await store.write { db in
                            // Every third writes and then thinks better of it; every fifth takes a key that another has.
                            try db.insert(into: "thing", ["id"], [[.text("\(number % 5 == 4 ? number - 1 : number)")]])
                            if number % 3 == 0 { throw Stop() }
                        }
                    } catch { return (number, false, nil) }
                    // Nobody is made to wait for ever: a reader may be told that all are busy.
                    return (number, true, try? await store.read { try $0.row("SELECT id FROM thing WHERE id = \("\(number)")") != nil })
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let kept = Set(try await store.read { try $0.rows("SELECT id FROM thing").map { try $0.get("id", as: String.self) } })
        for (number, isAcknowledged, isThere) in fates {
            if number % 3 == 0 { #expect(!isAcknowledged) }
            guard isAcknowledged, number % 5 != 4 else { continue }
            #expect(isThere != false, "\(number) was acknowledged and is not there")
        }
        // Of two that want one key one gets it, unless the one that would have got it thought better of it.
        let wanted = (0..<300).filter { $0 % 3 != 0 }.map { $0 % 5 == 4 ? $0 - 1 : $0 }
        #expect(kept == Set(wanted.map(String.init)))
        #expect(fates.filter(\.isAcknowledged).count == kept.count)
    }

    /// An engine whose commits can be made to fail, and which tells what it was asked.
    final class Fake: Transacting, @unchecked Sendable {
        let log = Mutex<[String]>([])
        let broken: @Sendable (Int) -> Bool
        private var commits = 0
        var isInTransaction = false
        let rest = Duration.zero
        let isSnapshot = false
        let isUndoneAfter: Bool
        init(isUndone: Bool = true, broken: @escaping @Sendable (Int) -> Bool) { (isUndoneAfter, self.broken) = (isUndone, broken) }
        func say(_ text: String) { log.withLock { $0.append(text) } }
        func begin() { say("begin"); isInTransaction = true }
        func commit() throws {
            commits += 1
            if broken(commits) { say("broken"); throw Stop() }
            say("commit")
            isInTransaction = false
        }
        func rollback() { say("rollback"); isInTransaction = false }
        func isPassing(_ error: any Error) -> Bool { false }
        func isUndone(_ error: any Error) -> Bool { isUndoneAfter }
        func rows(_ sql: SQL) -> [SQLRow] { [] }
        func each(_ sql: SQL, _ body: (SQLRow) throws -> Void) {}
        func run(_ sql: SQL) -> Int { 0 }
        func script(_ text: String) { if !text.contains("SAVEPOINT") { say(text) } }
        func insert(into table: String, _ columns: [String], _ rows: [[SQLValue]]) {}
    }

    /// Ten jobs that wait for one writer: the answers in order, and what the engine was asked.
    private func ten(_ fake: Fake) async -> (answers: [Bool], log: [String]) {
        let queue = WriteQueue()
        let gate = AsyncStream<Void>.makeStream()
        let answers = await withTaskGroup(of: (Int, Bool).self) { group in
            for number in 0..<10 {
                group.addTask {
                    do {
                        try await queue.write({ try $0.script("job \(number)") }) { serve in
                            // The writer comes when all ten wait.
                            for await _ in gate.stream { break }
                            serve(fake)
                        }
                        return (number, true)
                    } catch { return (number, false) }
                }
            }
            while queue.waiting < 10 { await Task.yield() }
            gate.continuation.yield()
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        return ((0..<10).map { answers[$0] ?? false }, fake.log.withLock { $0 })
    }

    @Test func oneCommitForAll() async {
        let (answers, log) = await ten(Fake { _ in false })
        #expect(answers.allSatisfy { $0 })
        #expect(log.filter { $0 == "commit" }.count == 1 && log.filter { $0.hasPrefix("job") }.count == 10)
    }

    @Test func aSharedCommitThatFailsIsDoneAgainOneByOne() async {
        // The shared one fails, and the third alone.
        let (answers, log) = await ten(Fake { $0 == 1 || $0 == 4 })
        #expect(answers.filter { $0 }.count == 9)
        #expect(log.filter { $0 == "commit" }.count == 9 && log.filter { $0.hasPrefix("job") }.count == 20)
    }

    @Test func aCommitWhoseEndNobodyKnowsIsNotDoneAgain() async {
        let (answers, log) = await ten(Fake(isUndone: false) { $0 == 1 })
        #expect(answers.allSatisfy { !$0 })
        #expect(log.filter { $0.hasPrefix("job") }.count == 10)
    }

    @Test func whoeverComesToAFullQueueIsRefused() async throws {
        let queue = WriteQueue(limit: 2)
        let gate = AsyncStream<Void>.makeStream()
        let fake = Fake { _ in false }
        let start: @Sendable (@escaping @Sendable (any Transacting) -> Void) async -> Void = { serve in
            for await _ in gate.stream { break }
            serve(fake)
        }
        async let first: Void = queue.write({ _ in }, start: start)
        async let second: Void = queue.write({ _ in }, start: start)
        while queue.waiting < 2 { await Task.yield() }
        let refusal = await #expect(throws: Refusal.self) { try await queue.write({ _ in }, start: start) }
        #expect(refusal?.code == "database.busy")
        gate.continuation.yield()
        _ = try await (first, second)
    }

    /// Whoever waits too long is told so, and the next is served when the writer comes.
    @Test func nobodyWaitsForEver() async throws {
        let queue = WriteQueue(wait: 1)
        let gate = AsyncStream<Void>.makeStream()
        let fake = Fake { _ in false }
        let start: @Sendable (@escaping @Sendable (any Transacting) -> Void) async -> Void = { serve in
            for await _ in gate.stream { break }
            serve(fake)
        }
        let refusals = await withTaskGroup(of: String?.self) { group in
            for _ in 0..<5 {
                group.addTask {
                    do { try await queue.write({ try $0.script("late") }, start: start) } catch { return (error as? Refusal)?.code }
                    return nil
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(refusals == Array(repeating: "database.busy", count: 5))
        // Now the writer comes at once. On a busy machine that may take too long as well: who was refused asks again.
        var isTaken = false
        while !isTaken {
            gate.continuation.yield()
            do {
                try await queue.write({ try $0.script("next") }, start: start)
                isTaken = true
            } catch let refusal as Refusal { #expect(refusal.code == "database.busy") }
        }
        #expect(fake.log.withLock { $0 }.filter { $0 == "late" || $0 == "next" } == ["next"])
    }
}
