import ArgumentParser
import Foundation
import House
import Kernel
import Ledger

struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "The keys that personal and medical fields are sealed with.",
        subcommands: [Status.self, Rotate.self, Drop.self])

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists keys, since when, and how much is kept under each.")
        @OptionGroup var place: Place
        func run() async throws {
            let ledger = try await place.open().ledger
            let state = try await ledger.sealState()
            let speech = Speech.current
            for key in ledger.keys.keys {
                let isNewest = ledger.keys.current(key.purpose)?.id == key.id
                let count = key.purpose == .sign ? "" : "\(state.counts[key.id] ?? 0)"
                print([key.id, key.made, isNewest ? speech("现用", "newest") : speech("旧", "older"), count].joined(separator: "\t"))
            }
            for key in ledger.keys.publicKeys { print(speech("公钥", "public key") + "\t" + key) }
            let lost = state.counts.keys.filter { id in !ledger.keys.keys.contains { $0.id == id } }.sorted()
            for id in lost { print(Speech.current.say(Refusal("keys.unknown", ["value": id]))) }
            if state.clear > 0 { print("\(state.clear) " + speech("处未加密", "texts not sealed")) }
            if state.clear > 0 || !lost.isEmpty { throw ExitCode(1) }
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Adds new keys and brings everything under them.",
            discussion: """
                The server may go on meanwhile. Old keys stay on the ring: backups made before need them. Copy the ring to where it is
                backed up, then take old keys off with `zhifang keys drop`.
                """)
        @OptionGroup var place: Place
        @Flag(help: "A new key for the signatures of audit heads too; its public key must be made known") var signing = false
        func run() async throws {
            let ledger = try await place.open().ledger
            let isTerminal = isatty(2) == 1
            let count = try await ledger.rotateKeys([.seal, .index] + (signing ? [.sign] : []), by: .house) { done in
                if isTerminal { FileHandle.standardError.write(Data("\r  \(done)".utf8)) }
            }
            print(Speech.current("已用新密钥重新加密 \(count) 处", "\(count) sealed anew"))
        }
    }

    struct Drop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Takes an old key off the ring that nothing is kept under any more.")
        @OptionGroup var place: Place
        @Argument(help: "Id of the key, as `zhifang keys status` lists it") var id: String
        func run() async throws { try await place.open().ledger.dropKey(id, by: .house) }
    }
}
