import Kernel
import Ledger
import Web

/// Messages in one reader's language. What a message names by id is named only where the caller says how: for e-mail nobody is.
public struct MessageText: Sendable {
    let ledger: Ledger
    let pages: Pages
    public let language: Language
    public init(ledger: Ledger, pages: Pages, language: Language) { (self.ledger, self.pages, self.language) = (ledger, pages, language) }

    private var isEnglish: Bool { language == .english }
    public func word(_ key: String, _ details: [String: String] = [:]) -> String { pages.word(key, details, in: language) }
    public func topic(_ topic: Message.Topic) -> String { word("topic.\(topic.rawValue)") }

    /// What somebody has to do, in words.
    public func duty(_ name: String) -> String {
        guard let measure = ledger.measures[name] else { return name }
        return isEnglish ? measure.owed.en : measure.owed.zh
    }

    /// The sentence of a message.
    /// - Parameters:
    ///   - who: the organisation that it names, as this reader may know it; nil leaves it out.
    ///   - place: the division that it names.
    ///   - person: an account that it names.
    public func sentence(
        _ message: Message, who: String? = nil, place: (String) -> String? = { _ in nil }, person: (String) -> String? = { _ in nil }
    ) -> String {
        var details = message.details
        if let name = details["duty"] { details["duty"] = duty(name) }
        if let name = details["kind"], let kind = ledger.kinds[name] { details["kind"] = isEnglish ? kind.en.lowercased() : kind.zh }
        for key in ["from", "to"] { if let name = details[key] { details[key] = person(name) ?? name } }
        let where_ = details["division"].flatMap(place)
        details["who"] = [who, who == nil ? where_ : nil].compactMap(\.self).first.map { $0 + (isEnglish ? ": " : "：") } ?? ""
        var text = word(message.word, details)
        // What a message does not have is left out, never shown as a hole.
        text = text.replacing(/\{\{[a-z]+\}\}/, with: "")
        return isEnglish ? text.prefix(1).uppercased() + text.dropFirst() : text
    }

    /// The sentence without anybody's name: for e-mail.
    public func plain(_ message: Message) -> String { sentence(message) }
}
