import Kernel
import Ledger
import Logging

extension House {
    static let headEvery = Duration.seconds(3600)
    /// Whoever starts the program wants its pages first.
    static let verifiedAfter = Duration.seconds(60)
    /// The hour of the night, in Asia/Shanghai, in which the whole audit is verified.
    static let verifiedAt = 3

    /// Publishes heads of the audit while the server runs: at the start, every hour in which something happened, and daily. Verifies
    /// all of it soon after the start and every night. What is wrong goes to the log as an error, and to the page of the audit.
    func keepAudit(_ logger: Logger) async {
        var verified: Day?
        while !Task.isCancelled {
            do { _ = try await ledger.publishHead() } catch {
                // A server that is told to stop breaks it off: the next start publishes.
                if Task.isCancelled { return }
                logger.error("no head of the audit was published", metadata: ["error": "\(error)"])
            }
            do {
                if verified == nil { try await Task.sleep(for: House.verifiedAfter) }
                let now = ledger.clock.now()
                if verified == nil || (verified != now.day && now.hour >= House.verifiedAt) {
                    verified = now.day
                    for flaw in try await ledger.checkAudit().flaws { logger.error("audit", metadata: ["flaw": "\(flaw)"]) }
                }
            } catch is CancellationError { return } catch {
                logger.error("the audit was not verified", metadata: ["error": "\(error)"])
            }
            do { try await Task.sleep(for: House.headEvery) } catch { return }
        }
    }
}
