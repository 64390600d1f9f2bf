import Foundation
import Synchronization

/// The rows of a file, so many at a time, read by a thread of its own that goes on when a part is asked for: of a file of any length two parts
/// are held. Refuses as `SheetReader.read` does, behind the parts before the flaw.
public struct RowParts: AsyncSequence, Sendable {
    public typealias Element = [SheetRow]
    let url: URL
    let sheet: String?
    let size: Int
    let limits: SheetLimits

    public init(_ url: URL, sheet: String? = nil, size: Int, limits: SheetLimits = .standard) {
        (self.url, self.sheet, self.size, self.limits) = (url, sheet, size, limits)
    }

    public func makeAsyncIterator() -> Iterator { Iterator(Reading(self)) }

    public struct Iterator: AsyncIteratorProtocol {
        private let reading: Reading
        private var parts: AsyncThrowingStream<[SheetRow], any Error>.Iterator

        init(_ reading: Reading) {
            self.reading = reading
            parts = reading.begin().makeAsyncIterator()
        }
        public mutating func next() async throws -> [SheetRow]? {
            reading.asked.signal()
            return try await parts.next()
        }
    }

    /// What the thread and whoever takes the parts share. It ends the thread when nobody takes parts any more.
    final class Reading: Sendable {
        private struct Left: Error {}
        let asked = Asked()
        private let parts: RowParts

        init(_ parts: RowParts) { self.parts = parts }
        deinit { asked.leave() }

        func begin() -> AsyncThrowingStream<[SheetRow], any Error> {
            let (stream, continuation) = AsyncThrowingStream<[SheetRow], any Error>.makeStream()
            Thread.detachNewThread { [parts, asked] in
                var part: [SheetRow] = []
                func hand() throws {
                    guard asked.wait() else { throw Left() }
                    continuation.yield(part)
                    part.removeAll(keepingCapacity: true)
                }
                do {
                    try SheetReader.read(parts.url, sheet: parts.sheet, limits: parts.limits) { row in
                        part.append(row)
                        if part.count == parts.size { try hand() }
                    }
                    if !part.isEmpty { try hand() }
                    continuation.finish()
                } catch { continuation.finish(throwing: error) }
            }
            return stream
        }
    }

    /// How many parts were asked for and not yet handed over.
    final class Asked: Sendable {
        private let semaphore = DispatchSemaphore(value: 0)
        private let isLeft = Atomic(false)

        func signal() { semaphore.signal() }
        func leave() {
            isLeft.store(true, ordering: .releasing)
            semaphore.signal()
        }
        /// False when nobody waits any more.
        func wait() -> Bool {
            semaphore.wait()
            return !isLeft.load(ordering: .acquiring)
        }
    }
}
