import Foundation
import Kernel
import Testing

@Suite struct DiskTests {
    @Test func aFullDiskIsToldFromOtherErrors() {
        #expect(Refusal.ofDisk(CocoaError(.fileWriteOutOfSpace)) == Refusal("disk.full"))
        #expect(Refusal.ofDisk(CocoaError(.fileWriteVolumeReadOnly)) == Refusal("disk.read-only"))
        #expect(Refusal.ofDisk(POSIXError(.ENOSPC)) == Refusal("disk.full"))
        #expect(Refusal.ofDisk(CocoaError(.fileWriteUnknown, userInfo: [NSUnderlyingErrorKey: POSIXError(.EIO)])) == Refusal("disk.failed"))
        #expect(Refusal.ofDisk(number: EROFS) == Refusal("disk.read-only"))
        #expect(Refusal.ofDisk(CocoaError(.fileReadNoSuchFile)) == nil)
        #expect(Refusal.ofDisk(number: ENOENT) == nil)
        #expect(Refusal.ofDisk(CancellationError()) == nil)
    }

    @Test func aMoveReplacesAndSaysWhereItCannot() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("zhifang-\(Digest.hex(Digest.random(8)))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (new, old) = (folder.appendingPathComponent("new").path, folder.appendingPathComponent("old").path)
        try Data("old".utf8).write(to: URL(fileURLWithPath: old))
        try Data("new".utf8).write(to: URL(fileURLWithPath: new))
        try moveDurably(new, to: old)
        #expect(FileManager.default.contents(atPath: old) == Data("new".utf8))
        #expect(!FileManager.default.fileExists(atPath: new))
        #expect(throws: Refusal("file.unwritable", ["value": old])) { try moveDurably(new, to: old) }
    }
}
