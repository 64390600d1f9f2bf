import Foundation
import Kernel
import TestKit
import Testing

@testable import Draws

/// A draw from commitment to verification, by this program and by one in another language.
@Suite struct DrawTests {
    struct Asked: Encodable {
        var file: String
        var commitment: String?
        var flips = 0
    }
    struct Answered: Decodable {
        let why: String?
        let drawn: [[String]]
        let accepted: [Int]
    }
    static func python(_ cases: [Asked]) throws -> [Answered] { try Python.ask("Tests/draws/oracle.py", cases) }

    static let source = DrawFile.Source(
        name: "中国福利彩票双色球 2021064 期开奖号码 <1>", url: "https://www.cwl.gov.cn/?a=1&b=2", expected: moment("2021-06-08 21:30"))
    static func moment(_ text: String) -> Moment { Moment(text) ?? .distantFuture }
    static let nonce = Digest.sha256("a nonce of the tests")

    /// 300 employers in four grades, 15 inspectors of two departments, 20 drawn with 2 inspectors each, one of each department.
    static func thirty(_ load: Int = 5) -> DrawInputs {
        let grades = [("I", 1, 120, 3), ("II", 2, 100, 5), ("III", 3, 60, 7), ("IV", 5, 20, 5)]
        var objects: [DrawInputs.Object] = []
        for (grade, weight, count, _) in grades {
            for index in 0..<count {
                objects.append(
                    .init(id: "e\(grade)-\(index)", name: "第\(index)\(grade)陶瓷厂 & Söhne", stratum: grade, weight: weight + index % 3))
            }
        }
        let inspectors = (0..<15).map {
            DrawInputs.Inspector(id: "i\($0)", name: "执法证 \(1000 + $0)", department: $0 % 3 == 0 ? "work_safety" : "health")
        }
        let recusals = (0..<40).map { DrawInputs.Recusal(inspector: "i\($0 % 7)", object: objects[$0 * 7].id) }
        return DrawInputs(
            id: "d1", jurisdiction: "330400", place: "嘉兴市", title: "2021年第二季度职业卫生双随机抽查", weights: "I=1 II=2 III=3 IV=5", each: 2,
            load: load, joint: ["work_safety", "health"], quotas: grades.map { .init(stratum: $0.0, count: $0.3) }, objects: objects,
            inspectors: inspectors, recusals: recusals)
    }
    static func drawn(_ inputs: DrawInputs = thirty(0), value: String = "03 08 12 20 27 31 + 05") throws -> DrawFile {
        try DrawFile(inputs, source: source, secret: DrawFile.secret(of: nonce), at: moment("2021-06-01 10:00"))
            .drawing(value: value, evidence: "公告截图 http://www.cwl.gov.cn/x", nonce: nonce, at: moment("2021-06-09 09:00"))
    }
    static func code(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch let refusal as Refusal { return refusal.code } catch let refusals as Refusals { return refusals.all.first?.code } catch {
            return "other"
        }
    }
    static func verify(_ text: String, _ commitment: String? = nil) -> String? {
        code { _ = try DrawFile.verified(Array(text.utf8), commitment: commitment) }
    }

    // The whole way

    @Test func twentyOfThreeHundredAreRecomputedInAnotherLanguage() throws {
        let file = try DrawTests.drawn()
        let outcome = try #require(file.result?.outcome)
        #expect(outcome.drawn.count == 20 && outcome.drawn.allSatisfy { $0.inspectors.count == 2 })
        #expect(try DrawFile.verified(Array(file.text.utf8), commitment: file.commitment) == file)
        let page = DrawTests.page(file.text)
        #expect(try DrawFile.verified(Array(page.utf8)) == file)
        let asked = [
            Asked(file: file.text, commitment: file.commitment), Asked(file: page), Asked(file: file.text, commitment: file.secret),
        ]
        let answers = try DrawTests.python(asked)
        #expect(answers.map { $0.why == nil } == [true, true, false])
        let ours = outcome.drawn.map { [String($0.rank), $0.object.stratum, $0.object.name] + $0.inspectors.map(\.inspector.name) }
        #expect(answers[0].drawn == ours && answers[1].drawn == ours)
        #expect(DrawTests.verify(file.text, file.secret) == "draw.other-commitment")
    }
    static func page(_ text: String) -> String {
        let marked = [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;"), ("'", "&#39;")].reduce(text) {
            $0.replacing($1.0, with: $1.1)
        }
        return "<!doctype html><html><body><h1>公示</h1><pre id=\"draw-file\">\(marked)</pre><p>after</p></body></html>"
    }

    /// Every byte of the file by both programs where ZHIFANG_TEST_LONG is set, else every seventh.
    @Test func everyChangedByteIsRefused() throws {
        let step = ProcessInfo.processInfo.environment["ZHIFANG_TEST_LONG"] == nil ? 7 : 1
        let file = try DrawTests.drawn()
        let bytes = Array(file.text.utf8)
        var random = SeededGenerator(seed: 4)
        var accepted: [Int] = []
        for place in stride(from: 0, to: bytes.count, by: step) {
            var copy = bytes
            copy[place] ^= UInt8.random(in: 1...255, using: &random)
            if (try? DrawFile.verified(copy)) != nil { accepted.append(place) }
        }
        #expect(accepted.isEmpty)
        let answer = try #require(try DrawTests.python([Asked(file: file.text, flips: step)]).first)
        #expect(answer.why == nil && answer.accepted.isEmpty)
    }
    /// Cut off, doubled, with something behind it, with other line ends.
    @Test func nothingMayBeMissingOrAdded() throws {
        let text = try DrawTests.drawn().text
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var files = [
            text + "\n", text + "file\n", " " + text, text.replacing("\n", with: "\r\n"), "\u{FEFF}" + text, "", String(text.dropLast()),
        ]
        for index in stride(from: 0, to: lines.count - 1, by: 9) {
            files.append((lines[..<index] + lines[(index + 1)...]).joined(separator: "\n"))
            files.append((lines[...index] + lines[index...]).joined(separator: "\n"))
            files.append(lines[..<index].joined(separator: "\n") + "\n")
        }
        for (file, answer) in zip(files, try DrawTests.python(files.map { Asked(file: $0) })) {
            #expect(DrawTests.verify(file) != nil && answer.why != nil, "accepted: \(file.prefix(300))")
        }
    }

    /// Whoever changes the list, a weight, a quota or the seed and makes every digest anew still has the wrong people drawn; and whoever
    /// holds the whole draw anew has another commitment than the one that was published.
    @Test func forgeriesAreRefused() throws {
        let honest = try DrawTests.drawn()
        func resealed(_ change: (inout [String]) -> Void) -> String {
            var lines = honest.text.split(separator: "\n").map(String.init)
            change(&lines)
            var text = ""
            var (commitment, nonce, value) = ("", "", "")
            for line in lines {
                let fields = line.split(separator: "\t").map(String.init)
                switch fields[0] {
                case "inputs", "commitment", "file":
                    if fields[0] == "commitment" { commitment = Digest.sha256(text) }
                    text += "\(fields[0])\t\(Digest.sha256(text))\n"
                case "seed": text += "seed\t\(DrawOutcome.seed(commitment: commitment, nonce: nonce, value: value))\n"
                default:
                    if fields[0] == "nonce" { nonce = fields[1] }
                    if fields[0] == "value" { value = fields[1] }
                    text += line + "\n"
                }
            }
            return text
        }
        #expect(resealed { _ in } == honest.text)
        func changing(_ word: String, _ change: (String) -> String) -> String {
            resealed { lines in
                if let index = lines.firstIndex(where: { $0.hasPrefix(word + "\t") }) { lines[index] = change(lines[index]) }
            }
        }
        let forged = [
            resealed { lines in lines.removeAll { $0.hasPrefix("object\teI-7\t") } },
            changing("object") { $0.dropLast() + "9" }, changing("value") { $0 + "1" }, changing("weights") { $0 + " " },
            changing("recusal") { _ in "recusal\ti0\teI-3" }, changing("load") { _ in "load\t9" }, changing("expected") { $0 },
            changing("source") { $0.replacing("2021064", with: "2021065") },
            resealed { lines in
                let places = lines.indices.filter { lines[$0].hasPrefix("drawn\t") }
                lines.swapAt(places[0], places[1])
            },
            changing("sent") { $0.replacing("\ti1", with: "\ti2") },
        ].filter { $0 != honest.text }
        #expect(forged.count >= 8)
        for (text, answer) in zip(forged, try DrawTests.python(forged.map { Asked(file: $0) })) {
            #expect(DrawTests.verify(text) != nil && answer.why != nil)
        }
        #expect(DrawTests.verify(changing("nonce") { _ in "nonce\t" + Digest.sha256("other") }) == "draw.nonce")

        var inputs = honest.inputs
        inputs.objects[3] = .init(id: inputs.objects[3].id, name: inputs.objects[3].name, stratum: inputs.objects[3].stratum, weight: 50)
        let anew = try DrawTests.drawn(inputs)
        #expect(DrawTests.verify(anew.text) == nil)
        #expect(DrawTests.verify(anew.text, honest.commitment) == "draw.other-commitment")
        #expect(try DrawTests.python([Asked(file: anew.text, commitment: honest.commitment)])[0].why != nil)
    }

    @Test func whatCannotBeHeldIsRefusedBefore() throws {
        let inputs = DrawTests.thirty(2)
        func refusal(_ change: (inout DrawInputs) -> Void) -> String? {
            var changed = inputs
            change(&changed)
            return changed.flaws().first?.code
        }
        #expect(inputs.flaws().first?.code == "draw.load")
        #expect(DrawTests.thirty(5).flaws().isEmpty)
        #expect(DrawTests.thirty(0).flaws().isEmpty)
        #expect(refusal { $0.quotas[3] = .init(stratum: "IV", count: 21) } == "draw.quota")
        #expect(refusal { $0.quotas = $0.quotas.map { .init(stratum: $0.stratum, count: 0) } } == "draw.empty")
        #expect(refusal { $0.objects[0] = .init(id: "e", name: "", stratum: "I", weight: 1) } == "draw.field")
        #expect(refusal { $0.objects[1] = $0.objects[0] } == "draw.field")
        #expect(refusal { $0.objects[0] = .init(id: "e\t", name: "a", stratum: "I", weight: 1) } == "draw.field")
        #expect(refusal { $0.objects[0] = .init(id: "A", name: "a", stratum: "I", weight: 101) } == "draw.field")
        #expect(refusal { $0.objects[0] = .init(id: "A", name: "a", stratum: "V", weight: 1) } == "draw.field")
        #expect(refusal { $0.each = 1 } == "draw.field")
        #expect(
            refusal {
                $0.load = 0
                $0.inspectors = $0.inspectors.filter { $0.department == "health" }
                $0.recusals = []
            } == "draw.joint")
        #expect(
            refusal {
                $0.load = 0
                $0.recusals = (0..<14).map { DrawInputs.Recusal(inspector: "i\($0)", object: "eI-0") }
            } == "draw.inspectors")
        #expect(refusal { $0.recusals.append(.init(inspector: "nobody", object: "eI-0")) } == "draw.field")
        let committed = try DrawFile(
            DrawTests.thirty(0), source: DrawTests.source, secret: DrawFile.secret(of: DrawTests.nonce),
            at: DrawTests.moment("2021-06-01 10:00"))
        #expect(
            DrawTests.code {
                _ = try committed.drawing(value: "1", evidence: "e", nonce: DrawTests.nonce, at: DrawTests.moment("2021-06-08 21:29"))
            }
                == "draw.early")
        #expect(
            DrawTests.code {
                _ = try committed.drawing(value: "1", evidence: "e", nonce: committed.secret, at: DrawTests.moment("2021-06-09 10:00"))
            } == "draw.nonce")
        #expect(
            DrawTests.code {
                _ = try DrawFile(
                    DrawTests.thirty(0), source: DrawTests.source, secret: committed.secret, at: DrawTests.moment("2021-06-08 21:30"))
            } == "draw.moment")
        #expect(DrawTests.verify(committed.text) == "draw.not-drawn")
        #expect(try DrawFile.read(Array(committed.text.utf8)) == committed)
    }
}
