import ArgumentParser
import Foundation
import Kernel
import Statistics

extension Bench {
    /// Fits lognormal distributions to groups with censored results, one group a line (`0.31 <0.1 0.8`). The processor's clock runs from
    /// the results as values to the fits, reading and writing files apart.
    struct Fits: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "fits")
        @Argument var file: String
        @Option(help: "How often all groups are fitted; the median counts.") var rounds = 21
        @Option var answers: String?

        func run() throws {
            let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
            let groups = try lines.map { try $0.split(separator: " ").map { try ExposureResult($0) } }
            var fits: [LognormalFit] = []
            var seconds: [Double] = []
            for _ in 0..<max(1, rounds) {
                fits.removeAll(keepingCapacity: true)
                let started = clock()
                for group in groups { fits.append(try ExposureGroup(group).maximumLikelihood()) }
                seconds.append(Double(clock() - started) / Double(CLOCKS_PER_SEC))
            }
            if let answers {
                let rows = fits.map { "\($0.mu),\($0.sigma),\($0.logLikelihood)" }
                try (rows.joined(separator: "\n") + "\n").write(toFile: answers, atomically: true, encoding: .utf8)
            }
            print("{\"groups\": \(groups.count), \"seconds\": \(seconds.sorted()[seconds.count / 2])}")
        }
    }
}
