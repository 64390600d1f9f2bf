import Foundation
import Kernel
import Storage
import Synchronization

/// The keys of a house, kept in a file outside its database: whoever has one of the two reads no personal and no medical text.
/// A key is never changed, only followed by another: the newest of each purpose seals, the older ones still open.
public final class KeyRing: Sendable {
    public enum Purpose: String, Sendable, CaseIterable, Codable {
        /// Seals fields.
        case seal
        /// Digests what is searched by its exact text.
        case index
        /// Signs the heads of the audit.
        case sign
    }
    public struct Key: Sendable, Codable {
        /// The purpose and a number drawn at random: `seal-3f9a1c20`.
        public let id: String
        public let purpose: Purpose
        public let made: String
        let secret: String
        var bytes: [UInt8] { KeyRing.bytes(secret) ?? [] }

        init(_ purpose: Purpose, made: Day) {
            (self.purpose, self.made) = (purpose, made.description)
            id = "\(purpose.rawValue)-\(Digest.hex(Digest.random(4)))"
            secret = Digest.hex(Digest.random(Seal.keyBytes))
        }
        /// What tells in the database which key this is without telling the key.
        var proof: String { Digest.hex(Seal.digest("zhifang key \(id)", key: bytes)) }
    }
    /// What tells that the file was written again.
    private struct Stamp: Equatable {
        let size: Int
        let at: Date
    }
    private struct Held {
        var keys: [Key]
        var bytes: [String: [UInt8]]
        var current: [Purpose: Key] = [:]
        var read: Stamp?
        var looked: ContinuousClock.Instant?
        init(_ keys: [Key]) {
            self.keys = keys
            bytes = Dictionary(keys.map { ($0.id, $0.bytes) }, uniquingKeysWith: { $1 })
            for key in keys { current[key.purpose] = key }
        }
    }
    /// The file; nil for a ring that lives as long as the process.
    public let url: URL?
    private let held: Mutex<Held>

    /// A ring of this process only, for databases in memory.
    public static let ephemeral = KeyRing(keys: Purpose.allCases.map { Key($0, made: Clock.system.today) })

    init(keys: [Key]) {
        url = nil
        held = Mutex(Held(keys))
    }

    /// Reads a ring.
    /// - Throws: `Refusal("keys.missing")` where there is no file, `keys.unreadable` where it holds no ring.
    public init(url: URL) throws {
        self.url = url
        held = Mutex(Held([]))
        try reload()
    }

    /// Makes a ring with a first key of each purpose. A ring that is there is never overwritten.
    public static func make(at url: URL, today: Day) throws -> KeyRing {
        try write(Purpose.allCases.map { Key($0, made: today) }, to: url, isNew: true)
        return try KeyRing(url: url)
    }

    public var keys: [Key] { held.withLock(\.keys) }
    public func current(_ purpose: Purpose) -> Key? { held.withLock { $0.current[purpose] } }

    // Sealing

    /// `enc:<key>:<base64>`: a text that only this ring opens, and only for its owner.
    public func seal(_ text: String, owner: String) throws -> String { try seal(Array(text.utf8), owner: owner) }
    public func seal(_ plain: [UInt8], owner: String) throws -> String {
        guard let (id, bytes) = held.withLock({ held in held.current[.seal].map { ($0.id, held.bytes[$0.id] ?? []) } }) else {
            throw Refusal("keys.unreadable", ["value": url?.path ?? ""])
        }
        return "enc:\(id):\(Seal.seal(plain, key: bytes, owner: owner))"
    }
    public static func isSealed(_ text: String) -> Bool { text.utf8.starts(with: "enc:seal-".utf8) }
    /// The key that a sealed text names.
    public static func key(of text: String) -> String? {
        guard isSealed(text) else { return nil }
        return String(text.dropFirst(4).prefix { $0 != ":" })
    }
    /// The text under a seal; a text that is none is itself.
    /// - Throws: `Refusal("keys.unknown")` where the ring lacks the key, `seal.broken` where it does not open.
    public func open(_ text: String, owner: String) throws -> String {
        guard KeyRing.isSealed(text) else { return text }
        return String(decoding: try openBytes(text, owner: owner), as: UTF8.self)
    }
    /// The bytes under a seal.
    /// - Throws: as `open`, and `seal.broken` for a text that is no seal.
    public func openBytes(_ text: String, owner: String) throws -> [UInt8] {
        guard let id = KeyRing.key(of: text) else { throw Refusal("seal.broken", ["value": owner]) }
        guard let bytes = try secret(id) else { throw Refusal("keys.unknown", ["value": id]) }
        guard let plain = Seal.openBytes(String(text.dropFirst(id.utf8.count + 5)), key: bytes, owner: owner) else {
            throw Refusal("seal.broken", ["value": owner])
        }
        return plain
    }

    /// The digest under which a text is found; the newest key's first, then those of older keys that some rows may still be kept under.
    public func digests(_ text: String) -> [String] {
        try? refresh()
        let keys = held.withLock { held in held.keys.filter { $0.purpose == .index }.reversed().map { ($0.id, held.bytes[$0.id] ?? []) } }
        return keys.map { "\($0.0):\(Digest.hex(Seal.digest(text, key: $0.1).prefix(20)))" }
    }

    // Signing

    public func sign(_ text: String) throws -> (key: String, signature: String) {
        guard let key = current(.sign) else { throw Refusal("keys.unreadable", ["value": url?.path ?? ""]) }
        return (Digest.hex(Signature.publicKey(of: key.bytes)), Digest.hex(Signature.sign(text, secret: key.bytes)))
    }
    /// The public keys of all signing keys, newest first, in hexadecimal.
    public var publicKeys: [String] {
        keys.filter { $0.purpose == .sign }.reversed().map { Digest.hex(Signature.publicKey(of: $0.bytes)) }
    }

    // The file

    /// Adds a key of each purpose named; from now on they are the ones that seal and digest.
    public func add(_ purposes: [Purpose], today: Day) throws {
        try reload()
        let more = purposes.map { Key($0, made: today) }
        if let url { try KeyRing.write(keys + more, to: url, isNew: false) }
        held.withLock { $0 = Held($0.keys + more) }
    }
    /// Takes keys off the ring that nothing is kept under any more.
    func drop(_ ids: Set<String>) throws {
        try reload()
        let rest = keys.filter { !ids.contains($0.id) }
        if let url { try KeyRing.write(rest, to: url, isNew: false) }
        held.withLock { $0 = Held(rest) }
    }

    /// How often the file is looked at, in seconds.
    static let lookEvery = 1.0

    /// Reads the file again where it was changed: another process may have added a key. Looks once a second at most.
    public func refresh() throws {
        let now = ContinuousClock.now
        let isEarly = held.withLock { held in
            if let looked = held.looked, now - looked < .seconds(KeyRing.lookEvery) { return true }
            held.looked = now
            return false
        }
        guard !isEarly, let url, let found = KeyRing.stamp(url) else { return }
        if let read = held.withLock(\.read), read == found { return }
        try reload()
    }
    private func reload() throws {
        guard let url else { return }
        guard let data = FileManager.default.contents(atPath: url.path) else { throw Refusal("keys.missing", ["value": url.path]) }
        let stamp = KeyRing.stamp(url)
        guard let file = try? JSONDecoder().decode(File.self, from: data), file.format == 1,
            Purpose.allCases.allSatisfy({ purpose in file.keys.contains { $0.purpose == purpose } }),
            file.keys.allSatisfy({ $0.bytes.count == Seal.keyBytes })
        else { throw Refusal("keys.unreadable", ["value": url.path]) }
        held.withLock {
            let looked = $0.looked
            $0 = Held(file.keys)
            ($0.read, $0.looked) = (stamp, looked)
        }
    }
    private func secret(_ id: String) throws -> [UInt8]? {
        if let bytes = held.withLock({ $0.bytes[id] }) { return bytes }
        // A text sealed by another process a moment ago.
        try reload()
        return held.withLock { $0.bytes[id] }
    }

    private struct File: Codable {
        var format = 1
        let keys: [Key]
    }
    private static func stamp(_ url: URL) -> Stamp? {
        guard let found = try? FileManager.default.attributesOfItem(atPath: url.path), let size = found[.size] as? Int,
            let at = found[.modificationDate] as? Date
        else { return nil }
        return Stamp(size: size, at: at)
    }
    /// Written beside, synced and moved into place: a ring is never half written.
    private static func write(_ keys: [Key], to url: URL, isNew: Bool) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let partial = url.path + ".partial"
        if isNew, FileManager.default.fileExists(atPath: url.path) { throw Refusal("file.exists", ["value": url.path]) }
        try? FileManager.default.removeItem(atPath: partial)
        let data = try encoder.encode(File(keys: keys)) + Data("\n".utf8)
        guard FileManager.default.createFile(atPath: partial, contents: nil, attributes: [.posixPermissions: 0o600]),
            let handle = FileHandle(forWritingAtPath: partial)
        else { throw Refusal("file.unwritable", ["value": url.path]) }
        try handle.write(contentsOf: data)
        try handle.close()
        try moveDurably(partial, to: url.path)
    }
    static func bytes(_ hex: String) -> [UInt8]? {
        let digits = Array(hex.utf8)
        guard digits.count % 2 == 0 else { return nil }
        var result: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let byte = UInt8(String(decoding: digits[index...(index + 1)], as: UTF8.self), radix: 16) else { return nil }
            result.append(byte)
        }
        return result
    }
}

extension KeyRing {
    /// The ring of a database: read where there is one, made where neither ring nor database were used before.
    /// - Throws: `Refusal("keys.missing")` where the database was used with a ring that is not there.
    public static func open(_ url: URL, for store: any Store, today: Day) async throws -> KeyRing {
        if FileManager.default.fileExists(atPath: url.path) { return try KeyRing(url: url) }
        let isUsed = try await store.read { try $0.row("SELECT id FROM key_use LIMIT 1") != nil }
        guard !isUsed else { throw Refusal("keys.missing", ["value": url.path]) }
        return try make(at: url, today: today)
    }
}

extension Ledger {
    /// Holds the ring against the database, so that a wrong one is told at the start, and notes in the database which keys it is used with.
    /// - Throws: `Refusal("keys.wrong")` with the key that the ring lacks, or has otherwise.
    public func bringKeys() async throws {
        try keys.refresh()
        @Sendable func unknown(_ db: any Connection) throws -> [KeyRing.Key] {
            let held = Dictionary(keys.keys.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
            var known: Set<String> = []
            for row in try db.rows("SELECT id, proof FROM key_use") {
                let id: String = try row.get("id")
                guard let key = held[id], try key.proof == row.get("proof") else { throw Refusal("keys.wrong", ["value": id]) }
                known.insert(id)
            }
            return keys.keys.filter { !known.contains($0.id) }
        }
        // Whoever only looks does not wait for a writer.
        if try await !store.read({ try unknown($0).isEmpty }) {
            try await store.write { db in
                try db.insert(
                    into: "key_use", ["id", "purpose", "made", "proof"],
                    unknown(db).map { [.text($0.id), .text($0.purpose.rawValue), .text($0.made), .text($0.proof)] })
            }
        }
        try await sealOnce()
    }
}
