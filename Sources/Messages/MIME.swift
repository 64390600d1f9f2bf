import Foundation
import Kernel

/// One letter as SMTP carries it: UTF-8 in base64, headers in ASCII, lines ended by CR LF.
public struct Letter: Sendable {
    public let from, to, subject, body: String
    /// Left of the @ of its Message-ID: the same for every attempt, so that a letter sent twice is known as one.
    public let id: String
    public let date: Moment

    /// - Throws: `mail.address`, `mail.subject` for what would end a header and begin another.
    public init(from: String, to: String, subject: String, body: String, id: String, date: Moment) throws {
        for address in [from, to] where !Letter.isAddress(address) { throw Refusal("mail.address", field: "address", ["value": address]) }
        guard !subject.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 }) else { throw Refusal("mail.subject") }
        guard id.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }) else { throw Refusal("mail.subject") }
        (self.from, self.to, self.subject, self.body, self.id, self.date) = (from, to, subject, body, id, date)
    }

    /// Whether a text is one plain address: `name@host`, ASCII, at most 254 characters, nothing that could end a header.
    public static func isAddress(_ text: String) -> Bool {
        guard text.utf8.count <= 254, text.allSatisfy(\.isASCII) else { return false }
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...64).contains(parts[0].count) else { return false }
        let atoms = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        guard atoms.allSatisfy({ !$0.isEmpty && $0.allSatisfy { $0.isLetter || $0.isNumber || "!#$%&'*+/=?^_`{|}~-".contains($0) } }) else {
            return false
        }
        let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        return labels.allSatisfy { label in
            !label.isEmpty && label.count <= 63 && label.first != "-" && label.last != "-"
                && label.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" }
        }
    }

    /// The whole letter.
    public var bytes: [UInt8] {
        let host = from.split(separator: "@").last.map(String.init) ?? "localhost"
        let headers = [
            "Date: \(Letter.date(date))", "From: <\(from)>", "To: <\(to)>", "Subject: \(Letter.encoded(subject, after: 9))",
            "Message-ID: <\(id)@\(host)>", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: base64", "Auto-Submitted: auto-generated",
        ]
        let text = body.replacing("\r\n", with: "\n").replacing("\n", with: "\r\n")
        let encoded = Data(text.utf8).base64EncodedString(options: [
            .lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed,
        ])
        return Array((headers.joined(separator: "\r\n") + "\r\n\r\n" + encoded + "\r\n").utf8)
    }

    /// A header's text: plain where it is short ASCII, else encoded words of at most 75 characters (RFC 2047), a character never cut.
    static func encoded(_ text: String, after used: Int = 0) -> String {
        if text.allSatisfy({ $0.isASCII }), !text.contains("=?"), text.utf8.count + used <= 76 { return text }
        var words: [String] = []
        var part: [UInt8] = []
        // 75 − "=?UTF-8?B?" − "?=" leaves 63 characters of base64: 45 bytes. The first line has the header's name before it.
        for scalar in text.unicodeScalars {
            let next = Array(String(scalar).utf8)
            if part.count + next.count > (words.isEmpty ? 36 : 45) {
                words.append("=?UTF-8?B?\(Data(part).base64EncodedString())?=")
                part = []
            }
            part += next
        }
        words.append("=?UTF-8?B?\(Data(part).base64EncodedString())?=")
        return words.joined(separator: "\r\n ")
    }

    /// A moment as RFC 5322 writes it, in China's time.
    static func date(_ moment: Moment) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 8 * 3600)
        formatter.dateFormat = "EEE, d MMM yyyy HH:mm:ss Z"
        return formatter.string(from: Date(timeIntervalSince1970: Double(moment.microseconds) / 1e6))
    }
}
