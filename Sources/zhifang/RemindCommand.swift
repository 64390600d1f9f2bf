import ArgumentParser
import Foundation
import House
import Kernel
import Ledger
import Messages

struct RemindCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remind", abstract: "Goes the round of reminders: who owes something is told, what stays undone goes one level up.",
        discussion: """
            `zhifang serve` does it once a day by itself. Each duty and threshold is told once, however often this runs.
            When, stands in Data/standards/reminders.yaml.
            """)
    @OptionGroup var place: Place
    @Option(help: "Day for which the round is gone, 2026-07-01 [today]") var asOf: String?
    @Flag(help: "Only says what would be sent.") var dryRun = false

    func run() async throws {
        let house = try await place.open()
        let day =
            try asOf.map { text in
                guard let day = Day.read(text) else { throw Refusal("day.format", field: "as-of", ["value": text]) }
                return day
            } ?? house.ledger.clock.today
        let round = try await house.messages.remind(on: day, isTrial: dryRun)
        let speech = Speech.current
        for (word, count) in round.sent.sorted(by: { $0.key < $1.key }) { print("  \(word)\t\(count)") }
        let done = dryRun ? speech("将发送", "would send") : speech("已发送", "sent")
        print("\(day) \(done) \(round.total) " + speech("条消息，涉及 \(round.told) 项待办与时点。", "messages on \(round.told) duties and thresholds."))
    }
}

extension Place {
    /// The mail server of the settings; nil where none is named.
    /// - Throws: `mail.address` for a sender that is no address, `code.unknown` for a kind of TLS that there is not.
    func mailServer() throws -> MailServer? {
        guard let host = try setting("smtp-host") else { return nil }
        let from = try setting("smtp-from") ?? ""
        guard Letter.isAddress(from) else { throw Refusal("mail.address", field: "smtp-from", ["value": from]) }
        let text = try setting("smtp-security") ?? MailServer.Security.starttls.rawValue
        guard let security = MailServer.Security(rawValue: text) else {
            throw Refusal("code.unknown", field: "smtp-security", ["value": text, "table": "smtp-security"])
        }
        return MailServer(
            host: host, port: try setting("smtp-port").flatMap { Int($0) }, user: try setting("smtp-user"),
            passwordFile: try setting("smtp-password-file"), from: from, security: security, authorities: try setting("smtp-authorities"))
    }
}
