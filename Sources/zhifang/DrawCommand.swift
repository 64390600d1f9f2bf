import ArgumentParser
import Draws
import Foundation
import Kernel

/// Double-random draws on the command line.
struct DrawCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "draw", abstract: "Double-random draws 双随机.", subcommands: [DrawVerify.self])
}

/// Recomputes a published draw.
struct DrawVerify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Recomputes a published draw from its file or its page.",
        discussion: """
            Reads draw.txt, the page saved as HTML, or standard input (-). Ends with 0 and the list of who was drawn, or with 1 and what is
            wrong. Give the commitment that was published before the draw: a file that was made anew as a whole agrees with itself.
            Needs no database. Try: zhifang draw verify draw.txt --commitment 3f5a…
            curl -s https://…/public/draws/… | zhifang draw verify -
            """)
    @Argument(help: "File, or -") var source: String
    @Option(help: "The 64 digits that were published before the draw") var commitment: String?
    @Option(help: "zh or en [ZHIFANG_LANGUAGE; zh]") var language: String?
    @Option(help: "Configuration file (YAML) [ZHIFANG_CONFIG]") var config: String?

    func run() throws {
        let file = try DrawFile.verified(try bytes(), commitment: commitment)
        let speech = Speech.current
        print("\(file.inputs.title) · \(file.inputs.place)")
        print(speech("承诺", "commitment") + " \(file.commitment)")
        let drawn = file.result?.outcome.drawn ?? []
        for one in drawn {
            print(
                [one.object.stratum, String(one.rank), one.object.name, one.inspectors.map(\.inspector.name).joined(separator: ", ")]
                    .joined(separator: "\t"))
        }
        print(
            speech(
                "一致：\(drawn.count) 家，由名单、公开信息“\(file.result?.value ?? "")”和随机数重新算出",
                "It agrees: \(drawn.count), recomputed from lists, public value “\(file.result?.value ?? "")” and nonce"))
        if commitment == nil {
            print(speech("请核对上面的承诺是否就是抽取之前公布的那个。", "Compare the commitment above with the one that was published before the draw."))
        }
    }

    private func bytes() throws -> [UInt8] {
        if source == "-" { return [UInt8](FileHandle.standardInput.readDataToEndOfFile()) }
        guard let data = FileManager.default.contents(atPath: source) else { throw Refusal("file.missing", ["value": source]) }
        return [UInt8](data)
    }
}
