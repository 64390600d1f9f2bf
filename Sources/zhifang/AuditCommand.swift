import ArgumentParser
import Foundation
import House
import Kernel
import Ledger

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Verifies the audit chain against its published heads; publishes heads.",
        subcommands: [Verify.self, Publish.self])

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Finds every edited, deleted, inserted or moved line, and whatever was cut off before the last published head.",
            discussion: """
                Ends with status 1 and says which home, which line and what. Heads that were kept elsewhere bind more than the house's own
                file: give them with --heads, and the public key that you know with --public-key. The last head alone will do.
                """)
        @OptionGroup var place: Place
        @Option(name: .customLong("heads"), help: "Published heads, one JSON object a line [the house's own file]") var against: String?
        @Option(help: "Public key of the signatures in hexadecimal; may be given several times [the house's own]") var publicKey: [String] =
            []

        @Flag(help: "Every kept version of every record against its line in the audit too") var records = false

        func run() async throws {
            let house = try await place.open()
            var given: [AuditHead]?
            if let against {
                guard let data = FileManager.default.contents(atPath: against) else { throw Refusal("file.missing", ["value": against]) }
                given = try AuditHead.read(String(decoding: data, as: UTF8.self))
            }
            var result = try await house.ledger.checkAudit(heads: given, publicKeys: publicKey.isEmpty ? nil : publicKey)
            if records { result.flaws += try await house.ledger.checkVersions() }
            let speech = Speech.current
            for flaw in result.flaws { print(speech.say(flaw)) }
            let heads = try given ?? house.ledger.heads.all()
            if let last = heads.last {
                print(
                    speech("最近公布的链首：第 \(last.number) 号，", "last published head: \(last.number), ") + "\(last.at)"
                        + speech("，其后 \(result.since) 行", ", \(result.since) lines since"))
                if let note = heads.last(where: { !$0.note.isEmpty }) {
                    print(
                        speech("第 \(note.number) 号之前的链首不再有约束力：", "heads before \(note.number) bind no longer: ") + note.note)
                }
            } else {
                print(speech("尚未公布链首：末尾被截去则看不出来。", "no head was published: a cut-off end cannot be seen."))
            }
            print(
                "\(result.lines) " + speech("行，", "lines in ") + "\(result.homes) " + speech("条链：", "chains: ")
                    + (result.isWhole ? speech("完整", "whole") : "\(result.flaws.count) " + speech("处不符", "flaws")))
            if !result.isWhole { throw ExitCode(1) }
        }
    }

    struct Publish: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Signs the last line of every chain and adds it to the file of heads.",
            discussion: "The server does so every hour in which something happened, and daily. Copies elsewhere are what binds: --to.")
        @OptionGroup var place: Place
        @Option(help: "Second file to bring up to the published heads, on another machine best of all") var to: String?
        @Option(help: "Why earlier heads bind no longer: a restored backup. The note is signed and public.") var note: String = ""

        func run() async throws {
            let house = try await place.open()
            let head = try await house.ledger.publishHead(note: note, always: true)
            if let to { try house.ledger.heads.copy(to: URL(fileURLWithPath: to)) }
            if let head { print(head.json) }
        }
    }
}
