import ArgumentParser
import Foundation
import Kernel
import Ledger
import Storage

struct DatabaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "database", abstract: "The database itself: what it is, and how it is spread over several machines.",
        subcommands: [Status.self, Distribute.self])

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Tells engine, version, schema steps, sizes, and where the tables lie.")
        @OptionGroup var place: Place
        func run() async throws {
            let address = try place.address()
            guard address.contains("://") || FileManager.default.fileExists(atPath: address) else {
                throw Refusal("file.missing", ["value": address])
            }
            let status = try await StoreStatus(of: try openStore(address, try place.server()))
            let speech = Speech.current
            func line(_ zh: String, _ en: String, _ value: String) { print([speech(zh, en), value].joined(separator: "\t")) }
            func size(_ bytes: Int) -> String { String(format: "%.1f MB", Double(bytes) / 1_048_576) }
            line("引擎", "engine", status.engine)
            line("大小", "size", size(status.bytes))
            let known = Set(try Ledger.schema().steps.map(\.name))
            let missing = known.subtracting(status.steps).count
            line(
                "结构步骤", "schema steps",
                "\(status.steps.count)" + (missing == 0 ? "" : speech("，缺 \(missing) 步", ", \(missing) missing")))
            if let cluster = status.cluster {
                let layout = Ledger.distribution.layout
                let off = status.tables.filter { layout[$0.name] != $0.spread }.map(\.name)
                line("集群", "cluster", "Citus \(cluster.version), " + speech("\(cluster.machines) 台机器", "\(cluster.machines) machines"))
                line("未按布局分布", "not as the layout says", off.isEmpty ? "0" : off.joined(separator: " "))
            } else {
                line("集群", "cluster", speech("无：一台机器", "none: one machine"))
            }
            for table in status.tables.sorted(by: { ($0.bytes ?? 0, $1.name) > ($1.bytes ?? 0, $0.name) }) where table.bytes != nil {
                print([table.name, size(table.bytes ?? 0), table.spread.map { "\($0)" } ?? ""].joined(separator: "\t"))
            }
        }
    }

    struct Distribute: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Spreads the tables over the machines of a Citus cluster; again, it does what is left.",
            discussion: "The database is that of the coordinator: docs/operations.md. All of it or nothing.")
        @OptionGroup var place: Place
        func run() async throws {
            var settings = try place.server()
            // Rows that are there already are copied, which takes as long as it takes.
            (settings.statement, settings.idle) = (0, 0)
            let address = try place.address()
            guard address.contains("://") else { throw Refusal("distribute.engine") }
            let store = try openStore(address, settings)
            try await Ledger.schema().bring(upToDate: store)
            let done = try await Ledger.distribution.spread(store)
            for table in done { print([table, "\(Ledger.distribution.layout[table] ?? .coordinator)"].joined(separator: "\t")) }
            print(Speech.current("已分布 \(done.count) 个表", "\(done.count) tables spread"))
        }
    }
}
