import Kernel
import Storage

/// What is kept of a record's personal and medical fields: sealed texts, each bound to its record and field, and beside them a sealed
/// salt that goes into the digest that the audit keeps, so that nobody guesses a finding from its digest.
extension Body {
    /// The name under which the salt stands beside the fields.
    static let salt = "~"

    /// - Returns: the text to keep, and the digest for the audit: over the fields in clear, salted where any is sealed. It stays the same
    ///   when the fields are sealed anew.
    static func seal(_ record: Record, _ keys: KeyRing) throws -> (body: String, digest: String) {
        var pairs: [(String, String)] = []
        var isSealed = false
        for (field, value) in zip(record.kind.fields, record.values) {
            guard let value else { continue }
            guard field.sensitivity != .open else { pairs.append((field.name, plainText(value))); continue }
            isSealed = true
            pairs.append((field.name, try keys.seal(plainText(value), owner: owner(record.id, field.name))))
        }
        guard isSealed else {
            let body = pack(pairs)
            return (body, Digest.sha256(body))
        }
        let salt = Digest.hex(Digest.random(16))
        pairs.append((Body.salt, try keys.seal(salt, owner: owner(record.id, Body.salt))))
        return (pack(pairs), digest(encode(record), salt: salt))
    }
    private static func digest(_ plain: String, salt: String) -> String { "s:" + Digest.sha256(salt + plain) }
    static func owner(_ id: String, _ field: String) -> String { "\(id)/\(field)" }

    /// Fields that a kind no longer has are passed over; the version's text keeps them.
    /// - Throws: `Refusal("keys.unknown")`, `seal.broken`.
    public static func decode(_ body: String, into record: inout Record, _ keys: KeyRing) throws {
        for (field, text) in decode(body, into: &record) {
            record[field] = field.plain(try keys.open(text, owner: owner(record.id, field.name)))
        }
    }
    /// Reads what is not sealed.
    /// - Returns: what is, as it is kept.
    static func decode(_ body: String, into record: inout Record) -> [(field: FieldSpec, text: String)] {
        var sealed: [(field: FieldSpec, text: String)] = []
        for (name, text) in pairs(body) {
            guard let field = record.kind.field(named: name) else { continue }
            if field.sensitivity == .open { record[field] = field.plain(text) } else { sealed.append((field, text)) }
        }
        return sealed
    }

    /// The digest that the audit must have of a kept text.
    static func digest(of body: String, _ id: String, _ kind: Kind, _ keys: KeyRing) throws -> String {
        var salt: String?
        var plain: [(String, String)] = []
        for (name, text) in pairs(body) {
            if name == Body.salt {
                salt = try keys.open(text, owner: owner(id, name))
            } else {
                let isOpen = kind.field(named: name)?.sensitivity == .open
                plain.append((name, isOpen ? text : try keys.open(text, owner: owner(id, name))))
            }
        }
        return salt.map { digest(pack(plain), salt: $0) } ?? Digest.sha256(pack(plain))
    }

    /// The same text sealed with the newest key; nil where it is already.
    static func reseal(_ body: String, _ id: String, _ kind: Kind, _ keys: KeyRing) throws -> String? {
        let newest = keys.current(.seal)?.id
        var isChanged = false
        let pairs = try pairs(body).map { name, text -> (String, String) in
            let isSensitive = name == Body.salt || kind.field(named: name).map { $0.sensitivity != .open } ?? KeyRing.isSealed(text)
            guard isSensitive, KeyRing.key(of: text) != newest else { return (name, text) }
            isChanged = true
            return (name, try keys.seal(try keys.open(text, owner: owner(id, name)), owner: owner(id, name)))
        }
        return isChanged ? pack(pairs) : nil
    }

    /// A flat object of texts.
    static func pack(_ pairs: [(String, String)]) -> String {
        var text: [UInt8] = [123]
        for (name, value) in pairs {
            if text.count > 1 { text.append(44) }
            quote(name, into: &text)
            text.append(58)
            quote(value, into: &text)
        }
        text.append(125)
        return String(decoding: text, as: UTF8.self)
    }
}

extension Kind {
    var isSealed: Bool { fields.contains { $0.sensitivity != .open } }
}

extension Clerk {
    /// A personal text as it is found by: without spaces, hyphens, case and width.
    static func exact(_ text: String) -> String { folded(text).filter { !" -\u{3000}".contains($0) } }

    /// An account's name, of which every letter counts.
    static func own(_ account: String) -> String { "account:" + account }

    /// Under what a record is found by the exact text of its personal fields: keyed digests, never the text.
    static func finds(of record: Record, _ keys: KeyRing) -> [(field: String, target: String)] {
        record.kind.fields.compactMap { field in
            // Whose own it is: lists of what somebody said find it.
            let isAccount = field.name == "account"
            guard field.sensitivity == .personal || isAccount, case .text(let text)? = record[field],
                let digest = keys.digests(isAccount ? own(text) : exact(text)).first
            else { return nil }
            return ("find." + field.name, "find:" + digest)
        }
    }
}

extension Ledger {
    /// The targets of links by which a record is found whose personal field is exactly this text.
    public func finds(_ text: String) -> [String] {
        let exact = Clerk.exact(text)
        return exact.utf8.count < 4 ? [] : keys.digests(exact).map { "find:" + $0 }
    }
    /// The ids of a kind's records whose field `account` names somebody.
    public func own(_ kind: Kind, of account: String) -> SQL {
        let targets = keys.digests(Clerk.own(account)).map { "find:" + $0 }
        return "SELECT id FROM link WHERE kind = \(kind.name) AND field = 'find.account' AND target IN \(list: targets)"
    }
}
