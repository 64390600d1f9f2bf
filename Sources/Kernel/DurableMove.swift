import Foundation

/// Gives a file that was written beside its place its name, so that after a power failure too either the old file is there or the new one,
/// whole: its content is synced before the move and the folder behind it.
/// - Throws: `file.unwritable`.
public func moveDurably(_ path: String, to target: String) throws {
    let refusal = Refusal("file.unwritable", ["value": target])
    guard synced(path), rename(path, target) == 0, synced(URL(fileURLWithPath: target).deletingLastPathComponent().path) else {
        throw refusal
    }
}

/// Whether a file, or the names in a folder, are on disk.
private func synced(_ path: String) -> Bool {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return false }
    defer { close(file) }
    return fsync(file) == 0
}
