import Foundation
import Hygiene
import Kernel

/// Raw samples as one line of text 样品记录, so that a result and what it was worked out from are stored, sent and corrected together:
/// `08:00 400@180; 60@120; 120@180; stel:350@15; mac:1.2@5; <0.6@60`. Each is a reading and its minutes, with its time of day and its kind
/// where they are known; `400×180` means the same. Without a kind it is a segment of the shift.
public enum SampleText {
    private static let kinds: [String: SampleKind] = [
        "twa": .segment, "stel": .shortTerm, "pe": .shortTerm, "mac": .ceiling, "时段": .segment, "短时间": .shortTerm, "最高": .ceiling,
    ]

    /// What a word for the kind of a sample means.
    public static func kind(_ word: String) -> SampleKind? { kinds[word.lowercased()] }

    /// - Throws: `Refusals` that name each flawed sample by its place (`value`), in the field `samples`: `samples.format`,
    ///   `time.format`, and those of ``Reading`` and ``Sample``.
    public static func read(_ text: String) throws(Refusals) -> [Sample] {
        var samples: [Sample] = []
        var flaws: [Refusal] = []
        let parts = text.split { ";；\n".contains($0) }.map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        for part in parts {
            do throws(Refusal) {
                let sample = try sample(part)
                flaws += sample.flaws.map { mark($0, part) }
                samples.append(sample)
            } catch { flaws.append(mark(error, part)) }
        }
        if parts.isEmpty { flaws.append(Refusal("samples.format", field: "samples", ["value": text])) }
        guard flaws.isEmpty else { throw Refusals(flaws) }
        return samples
    }

    /// What ``read(_:)`` reads back as the same.
    public static func write(_ samples: [Sample]) -> String {
        samples.map { sample in
            let time = sample.start.map { start in
                String(format: "%02d:%02d ", Int(start) / 60, Int(start) % 60)
            }
            let kind =
                switch sample.kind {
                case .segment: ""
                case .shortTerm: "stel:"
                case .ceiling: "mac:"
                }
            let reading = (sample.reading.isBelow ? "<" : "") + Rounding.plain(sample.reading.figure)
            return "\(time ?? "")\(kind)\(reading)@\(Rounding.plain(sample.minutes))"
        }.joined(separator: "; ")
    }

    private static func sample(_ part: String) throws(Refusal) -> Sample {
        var rest = Substring(part)
        var start: Double?
        if let space = rest.firstIndex(where: { $0 == " " || $0 == "\u{3000}" }), rest[..<space].contains(where: { ":：".contains($0) }) {
            start = try minutes(ofDay: String(rest[..<space]))
            rest = rest[rest.index(after: space)...]
        }
        var kind = SampleKind.segment
        if let colon = rest.firstIndex(where: { ":：".contains($0) }) {
            let word = rest[..<colon].trimmingCharacters(in: .whitespaces).lowercased()
            guard let known = kinds[word] else { throw Refusal("samples.format", ["value": part]) }
            kind = known
            rest = rest[rest.index(after: colon)...]
        }
        guard let at = rest.lastIndex(where: { "@×xX*".contains($0) }),
            let length = Double(rest[rest.index(after: at)...].trimmingCharacters(in: .whitespaces))
        else { throw Refusal("samples.format", ["value": part]) }
        return Sample(kind, start: start, minutes: length, try Reading(reading: String(rest[..<at])))
    }

    /// `08:30` as minutes since midnight; up to 47:59, for a shift that ends on the next day.
    public static func minutes(ofDay text: String) throws(Refusal) -> Double {
        let parts = text.split { ":：".contains($0) }
        guard parts.count == 2, let hours = Int(parts[0]), let minutes = Int(parts[1]), (0..<48).contains(hours), (0..<60).contains(minutes)
        else { throw Refusal("time.format", field: "start", ["value": text]) }
        return Double(hours * 60 + minutes)
    }

    private static func mark(_ refusal: Refusal, _ part: String) -> Refusal {
        Refusal(refusal.code, field: "samples", refusal.details.merging(["value": part]) { $1 })
    }
}
