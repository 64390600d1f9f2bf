/// A text in both languages of the interface, for what is composed from figures and cannot lie in a catalogue of words: the working
/// of a verdict, the condition of a limit. Chinese first, as everywhere.
public struct Bilingual: Hashable, Sendable, CustomStringConvertible {
    public let zh, en: String
    public init(_ zh: String, _ en: String) { (self.zh, self.en) = (zh, en) }
    /// The same in both: a formula, a name without a translation.
    public init(same text: String) { self.init(text, text) }
    public func text(english: Bool) -> String { english ? en : zh }
    public var description: String { zh == en ? zh : "\(zh) (\(en))" }
}
