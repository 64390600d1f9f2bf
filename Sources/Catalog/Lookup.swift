import Foundation
import Kernel

/// The public look-up 查询: finds limits, factors, diseases and examinations by Chinese, English, pinyin in full or by initials, registry
/// number with or without hyphens, or key. Immutable; one query reads one run of bytes.
public struct Lookup: Sendable {
    public enum Kind: String, Sendable, CaseIterable { case limit, physical, factor, disease, examination }

    /// One thing that can be found.
    public struct Entry: Hashable, Sendable {
        public let kind: Kind
        /// The key of a limit, that of a physical agent's, the code of a factor or disease, edition and clause of an examination: `12`, `B028`, `D087`, `2025/5.1`.
        public let key: String
        public let name: Bilingual
        /// Its other names.
        public let aliases: [String]
        public let cas: [String]
        /// Names of what belongs to it: the limits of a factor, the factors of an examination. A hit on one of them comes last.
        public let related: [String]

        public init(_ kind: Kind, _ key: String, _ name: Bilingual, aliases: [String] = [], cas: [String] = [], related: [String] = []) {
            (self.kind, self.key, self.name, self.related) = (kind, key, name, related)
            // Editions of one thing repeat its names and numbers.
            var seen: Set<String> = [name.zh, name.en]
            self.aliases = aliases.filter { seen.insert($0).inserted }
            self.cas = cas.filter { seen.insert($0).inserted }
        }
    }

    /// How a query met a name, best first. A sound is a name in pinyin.
    public enum Match: Int, Comparable, Sendable {
        case exact, exactSound, prefix, prefixSound, within, withinSound, related
        public static func < (left: Match, right: Match) -> Bool { left.rawValue < right.rawValue }
    }
    public struct Hit: Hashable, Sendable {
        public let entry: Entry
        public let match: Match
    }

    /// A query may have so many characters.
    public static let longest = 100

    public let entries: [Entry]
    /// Every name, folded, behind a byte 1; a 0 ends them all.
    private let text: [UInt8]
    /// Whether a syllable of pinyin, or a letter of a name, begins at a byte of `text`.
    private let begins: [Bool]
    private let terms: [Term]
    /// Characters of the names of the entries.
    private let lengths: [Int]

    private struct Term {
        enum Sort { case name, sound, initials, number, key, related }
        let entry: Int
        let sort: Sort
        /// The byte behind the one that parts it from the term before.
        let start: Int
    }

    public init(_ entries: [Entry]) {
        self.entries = entries
        let pinyin = Pinyin(of: entries.lazy.flatMap { [$0.name.zh] + $0.aliases })
        var text: [UInt8] = []
        var begins: [Bool] = []
        var terms: [Term] = []
        func add(_ sort: Term.Sort, _ entry: Int, _ parts: [String]) {
            guard parts.contains(where: { !$0.isEmpty }) else { return }
            text.append(1)
            begins.append(false)
            terms.append(Term(entry: entry, sort: sort, start: text.count))
            for part in parts {
                for (place, byte) in part.utf8.enumerated() {
                    text.append(byte)
                    begins.append(place == 0)
                }
            }
        }
        // Names come again and again: those of limits with their factors.
        var known: [String: String] = [:]
        func fold(_ name: String) -> String {
            if let folded = known[name] { return folded }
            let folded = Lookup.folded(name)
            known[name] = folded
            return folded
        }
        for (index, entry) in entries.enumerated() {
            var seen: Set<String> = []
            for name in [entry.name.zh, entry.name.en] + entry.aliases {
                let folded = fold(name)
                guard seen.insert(folded).inserted else { continue }
                add(.name, index, folded.map { String($0) })
                for syllables in pinyin.readings(of: folded) {
                    add(.sound, index, syllables)
                    add(.initials, index, syllables.map { String($0.prefix(1)) })
                }
            }
            for number in entry.cas { add(.number, index, [number.filter(\.isNumber)]) }
            add(.key, index, [Lookup.folded(entry.key)])
            for name in Set(entry.related.map(fold)).subtracting(seen).sorted() { add(.related, index, name.map { String($0) }) }
        }
        text += [1, 0]
        begins += [false, false]
        (self.text, self.begins, self.terms, lengths) = (text, begins, terms, entries.map(\.name.zh.count))
    }

    public subscript(kind: Kind, key: String) -> Entry? { entries.first { $0.kind == kind && $0.key == key } }

    /// Everything that a query meets, best first: whole names before beginnings before the inside of names; among equals the shorter
    /// name, then the order of the tables.
    /// - Throws: `Refusal` on the field `q`: `text.too-long`, or `cas.check` where what is written as a registry number has a wrong check
    ///   digit.
    public func find(_ query: String) throws -> [Hit] {
        guard query.count <= Lookup.longest else {
            throw Refusal("text.too-long", field: "q", ["limit": "\(Lookup.longest)", "value": String(query.prefix(20))])
        }
        let number = Lookup.registryNumber(query)
        let found = number.map { hits($0.filter(\.isNumber), isNumber: true) } ?? hits(Lookup.folded(query), isNumber: false)
        if found.isEmpty, let number = number ?? Lookup.hyphenated(Lookup.folded(query)), CASNumber.flaw(in: number) == .check {
            throw Refusal("cas.check", field: "q", ["value": number])
        }
        return found
    }

    /// What a query that found nothing may have meant: what sounds alike, then what shares most pairs of letters.
    public func suggestions(for query: String, count: Int = 5) -> [Entry] {
        let folded = Lookup.folded(String(query.prefix(Lookup.longest)))
        guard !folded.isEmpty else { return [] }
        let sound = Pinyin(of: [folded]).readings(of: folded).first?.joined() ?? folded
        let alike = hits(sound, isNumber: false).filter { $0.match <= .prefixSound }.map(\.entry)
        if !alike.isEmpty { return Array(alike.prefix(count)) }
        let asked = Lookup.pairs(Array(folded.utf8))
        let heard = Lookup.pairs(Array(sound.utf8))
        var likeness: [Int: Double] = [:]
        for (index, term) in terms.enumerated() where term.sort == .name || term.sort == .sound {
            let end = index + 1 < terms.count ? terms[index + 1].start - 1 : text.count - 2
            let own = Lookup.pairs(Array(text[term.start..<end]))
            let wanted = term.sort == .name ? asked : heard
            guard !own.isEmpty, !wanted.isEmpty else { continue }
            let share = 2 * Double(own.intersection(wanted).count) / Double(own.count + wanted.count)
            if share >= 0.4 { likeness[term.entry] = max(likeness[term.entry] ?? 0, share) }
        }
        return likeness.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(count).map { entries[$0.key] }
    }

    // The search

    private func hits(_ wanted: String, isNumber: Bool) -> [Hit] {
        let needle = Array(wanted.utf8)
        // Nobody's name holds the bytes that part the names.
        guard !needle.isEmpty, !needle.contains(where: { $0 < 2 }) else { return [] }
        let none = UInt8.max
        var best = [UInt8](repeating: none, count: entries.count)
        text.withUnsafeBufferPointer { all in
            (needle + [0]).withUnsafeBufferPointer { asked in
                guard let start = all.baseAddress, let sought = asked.baseAddress else { return }
                start.withMemoryRebound(to: CChar.self, capacity: all.count) { start in
                    sought.withMemoryRebound(to: CChar.self, capacity: asked.count) { sought in
                        var from = start
                        while let found = strstr(from, sought) {
                            let place = start.distance(to: UnsafePointer(found))
                            from = start + place + 1
                            let term = term(at: place)
                            let isWhole = all[place - 1] == 1 && all[place + needle.count] == 1
                            guard let match = match(term, at: place, isWhole: isWhole, length: needle.count, isNumber: isNumber) else {
                                continue
                            }
                            best[term.entry] = min(best[term.entry], UInt8(match.rawValue))
                        }
                    }
                }
            }
        }
        // Match, length and place in one number each, so that thousands are in order at once.
        let found = best.indices.filter { best[$0] != none }.map { Int(best[$0]) << 40 | lengths[$0] << 24 | $0 }
        return found.sorted().map { number in
            Hit(entry: entries[number & 0xFFFFFF], match: Match(rawValue: number >> 40) ?? .related)
        }
    }

    private func match(_ term: Term, at place: Int, isWhole: Bool, length: Int, isNumber: Bool) -> Match? {
        if isNumber { return term.sort == .number && isWhole ? .exact : nil }
        let isFirst = place == term.start
        switch term.sort {
        case .key: return isWhole ? .exact : nil
        case .number: return isWhole ? .exact : isFirst && length >= 4 ? .prefix : nil
        case .name: return isWhole ? .exact : isFirst ? .prefix : .within
        case .related: return begins[place] ? .related : nil
        case .sound:
            guard begins[place] else { return nil }
            return isWhole ? .exactSound : isFirst ? .prefixSound : .withinSound
        case .initials:
            // One letter begins a hundred names; it finds only those that are one letter long.
            guard length > 1 || isWhole else { return nil }
            return isWhole ? .exactSound : isFirst ? .prefixSound : .withinSound
        }
    }

    /// The last term that starts at a byte or before it.
    private func term(at place: Int) -> Term {
        var (low, high) = (0, terms.count - 1)
        while low < high {
            let middle = (low + high + 1) / 2
            if terms[middle].start <= place { low = middle } else { high = middle - 1 }
        }
        return terms[low]
    }

    /// Whether a name holds what is asked for, both folded.
    public static func isPart(_ query: String, of name: String) -> Bool {
        let wanted = folded(query)
        return !wanted.isEmpty && folded(name).contains(wanted)
    }

    // Folding

    /// Letters and figures only: lower case, full-width as plain, traditional characters as simplified, nothing between them.
    static func folded(_ text: String) -> String {
        var kept = String.UnicodeScalarView()
        var isPlain = true
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x30...0x39, 0x61...0x7A: kept.append(scalar)
            case 0x41...0x5A: kept.append(Unicode.Scalar(UInt8(scalar.value + 32)))
            case ..<0x80: break
            case 0xFF01...0xFF5E:
                let plain = Unicode.Scalar(UInt8(scalar.value - 0xFEE0))
                if plain.properties.isAlphabetic || plain.properties.numericType != nil { kept.append(plain) }
            case 0xDC, 0xFC: kept.append("v")
            default:
                guard scalar.properties.isAlphabetic || scalar.properties.numericType != nil else { continue }
                kept.append(scalar)
                isPlain = false
            }
        }
        let folded = String(kept).lowercased()
        return isPlain ? folded : folded.applyingTransform(StringTransform("Hant-Hans"), reverse: false) ?? folded
    }

    /// What a query is where it is written as a registry number, `71-43-2`, with ASCII figures and hyphens.
    static func registryNumber(_ query: String) -> String? {
        let plain = query.unicodeScalars.compactMap { scalar -> Character? in
            switch scalar.value {
            case 0x20, 0x3000, 0xA0: nil
            case 0x2010...0x2015, 0x2212, 0xFF0D: "-"
            case 0xFF10...0xFF19: Unicode.Scalar(scalar.value - 0xFEE0).map { Character($0) }
            default: Character(scalar)
            }
        }
        let text = String(plain)
        return CASNumber.flaw(in: text) == .format ? nil : text
    }

    /// Five to ten figures as a registry number writes them; nil for anything else.
    private static func hyphenated(_ digits: String) -> String? {
        guard (5...10).contains(digits.utf8.count), digits.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
        let (head, tail) = (digits.dropLast(3), digits.suffix(3))
        return "\(head)-\(tail.prefix(2))-\(tail.suffix(1))"
    }

    private static func pairs(_ bytes: [UInt8]) -> Set<UInt16> {
        Set(zip(bytes, bytes.dropFirst()).map { UInt16($0) << 8 | UInt16($1) })
    }
}

extension Lookup {
    /// Everything that the catalogue can be asked for.
    public init(_ catalog: Catalog) {
        let limits = Lookup.limits(catalog) + Lookup.physical(catalog)
        self.init(limits + Lookup.factors(catalog) + Lookup.diseases(catalog) + Lookup.examinations(catalog))
    }

    private static func limits(_ catalog: Catalog) -> [Entry] {
        var seen: Set<String> = []
        return catalog.limits.all.compactMap { limit in
            guard seen.insert(limit.key).inserted else { return nil }
            let editions = catalog.limits.editions(of: limit.key)
            return Entry(
                .limit, limit.key, limit.name, aliases: editions.flatMap { [$0.name.zh, $0.name.en] + $0.aliases },
                cas: editions.flatMap(\.cas))
        }
    }

    private static func physical(_ catalog: Catalog) -> [Entry] {
        var seen: Set<String> = []
        // A-weights are figures of a formula and no limits.
        let limits = catalog.physical.all.filter { !$0.key.hasPrefix("noise.a.") && seen.insert($0.key).inserted }
        return limits.map { limit in
            let name = Bilingual("\(limit.agent.zh) \(limit.quantity.zh)", "\(limit.agent.en): \(limit.quantity.en)")
            return Entry(.physical, limit.key, name, aliases: [limit.agent.zh, limit.agent.en])
        }
    }

    private static func factors(_ catalog: Catalog) -> [Entry] {
        catalog.factors.all.map { factor in
            let limits = catalog.factorLimits.keys(ofFactor: factor.code).flatMap { catalog.limits.editions(of: $0) }
            return Entry(
                .factor, factor.code, factor.name, cas: factor.cas + factor.misprinted,
                related: limits.flatMap { [$0.name.zh, $0.name.en] + $0.aliases })
        }
    }

    private static func diseases(_ catalog: Catalog) -> [Entry] {
        catalog.diseases.all.map { Entry(.disease, $0.code, $0.name) }
    }

    /// Each clause of GBZ 188 in each edition, the newest first.
    private static func examinations(_ catalog: Catalog) -> [Entry] {
        let tables = catalog.exams
        let links = Dictionary(grouping: tables.links.filter { !$0.clause.isEmpty }) { $0.edition + "/" + $0.clause }
        return tables.editions.reversed().flatMap { edition in
            tables.factors.filter { $0.edition == edition.id }.map { factor in
                let key = edition.id + "/" + factor.clause
                let factors = (links[key] ?? []).compactMap { catalog.factors[$0.factor]?.name }
                return Entry(.examination, key, factor.name, aliases: [factor.clause], related: factors.flatMap { [$0.zh, $0.en] })
            }
        }
    }
}

/// How Chinese characters sound 拼音, without tones, `ü` as `v`.
struct Pinyin {
    private let syllables: [Character: [String]]

    /// Characters of which one sound is not enough in names of substances, diseases and trades; what the system knows is one of them.
    private static let several: [Character: [String]] = [
        "重": ["chong", "zhong"], "长": ["chang", "zhang"], "行": ["xing", "hang"], "塞": ["se", "sai"], "着": ["zhuo", "zhe"],
        "膀": ["pang", "bang"], "佛": ["fo", "fu"], "曝": ["bao", "pu"], "柏": ["bai", "bo"], "粘": ["zhan", "nian"],
        "血": ["xue", "xie"], "壳": ["ke", "qiao"], "轧": ["zha", "ya"], "铊": ["ta", "tuo"], "卡": ["ka", "qia"],
    ]

    /// - Parameter texts: those whose sounds will be asked for.
    init(of texts: some Sequence<String>) {
        var characters: Set<Character> = []
        for text in texts { for character in text where Pinyin.isHan(character) { characters.insert(character) } }
        let list = characters.sorted()
        // One call for all: the system's tables are looked up once.
        let joined = list.map { String($0) }.joined(separator: "|").applyingTransform(.mandarinToLatin, reverse: false) ?? ""
        let heard = joined.split(separator: "|", omittingEmptySubsequences: false).map { Pinyin.plain(String($0)) }
        var syllables: [Character: [String]] = [:]
        if heard.count == list.count {
            for (character, sound) in zip(list, heard) { syllables[character] = Pinyin.several[character] ?? Pinyin.spellings(sound) }
        }
        self.syllables = syllables
    }

    /// The syllables of a text, once for each way to read it, at most eight; what is no Chinese character stands for itself. Empty where
    /// there is no Chinese in it.
    func readings(of text: String) -> [[String]] {
        guard text.contains(where: Pinyin.isHan) else { return [] }
        var readings: [[String]] = [[]]
        for character in text {
            let sounds = syllables[character] ?? [String(character)]
            let isForked = sounds.count > 1 && readings.count * sounds.count <= 8
            readings = readings.flatMap { reading in (isForked ? sounds : [sounds[0]]).map { reading + [$0] } }
        }
        return readings
    }

    /// Both ways to type `ü`.
    private static func spellings(_ sound: String) -> [String] { sound.contains("v") ? [sound, sound.replacing("v", with: "u")] : [sound] }

    private static func isHan(_ character: Character) -> Bool {
        character.unicodeScalars.first.map { (0x3400...0x9FFF).contains($0.value) } ?? false
    }

    private static func plain(_ sound: String) -> String {
        let scalars = sound.decomposedStringWithCanonicalMapping.unicodeScalars
        let letters = String(String.UnicodeScalarView(scalars.filter { $0.isASCII && $0.properties.isAlphabetic })).lowercased()
        return scalars.contains("\u{308}") ? letters.replacing("u", with: "v") : letters
    }
}
