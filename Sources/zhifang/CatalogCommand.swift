import ArgumentParser
import Catalog
import Foundation
import Kernel

struct CatalogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "catalog", abstract: "The tables of the standards (docs/catalogue.md).", subcommands: [Check.self])

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Proves counts, check digits, references and days of all tables, and lists what is not certain.",
            discussion: "Reads the folder of --data only. The exit code is 1 where a count is wrong or a fault was found.")
        @OptionGroup var place: Place
        @Flag(inversion: .prefixedNo, help: "Lists the rows of low confidence") var doubts = true

        func run() async throws {
            let check = CatalogCheck(folder: try place.folder())
            let speech = Speech.current
            for count in check.counts {
                let name = count.name.text(english: speech.isEnglish)
                let found = count.isRight ? "\(count.found)" : "\(count.found) ≠ \(count.expected)"
                print("\(count.isRight ? "✓" : "✗")\t\(found)\t\(name)\t\(count.file)")
            }
            for misprint in check.misprints { print(speech("已知误印：", "known misprint: ") + Check.line(misprint, speech)) }
            for problem in check.problems { print(speech("错误：", "fault: ") + Check.line(problem, speech)) }
            if doubts { for doubt in check.doubts { print(Check.line(doubt)) } }
            let wrong = check.counts.count { !$0.isRight }
            print(
                speech(
                    "\(check.counts.count) 项计数，\(wrong) 项不符；\(check.problems.count) 处错误，\(check.misprints.count) 处已知误印，\(check.doubts.count) 行可信度低",
                    "\(check.counts.count) counts, \(wrong) wrong; \(check.problems.count) faults, \(check.misprints.count) known misprints, \(check.doubts.count) rows of low confidence"
                ))
            if !check.isSound { throw ExitCode(1) }
        }

        private static func line(_ refusal: Refusal, _ speech: Speech) -> String {
            (refusal.details["file"].map { $0 + ": " } ?? "") + speech.say(refusal)
        }
        private static func line(_ doubt: CatalogCheck.Doubt) -> String {
            [doubt.confidence.rawValue, "\(doubt.file):\(doubt.row)", doubt.subject, doubt.note].joined(separator: "\t")
        }
    }
}
