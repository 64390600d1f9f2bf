import Foundation

extension Refusal {
    /// What an error of the file system means to whoever asked: `disk.full`, `disk.read-only` or `disk.failed`; nil where it is none of the
    /// disk's.
    public static func ofDisk(_ error: any Error) -> Refusal? {
        if let error = error as? CocoaError {
            if error.code == .fileWriteOutOfSpace { return Refusal("disk.full") }
            if error.code == .fileWriteVolumeReadOnly { return Refusal("disk.read-only") }
            return (error.userInfo[NSUnderlyingErrorKey] as? any Error).flatMap(ofDisk)
        }
        return (error as? POSIXError).flatMap { ofDisk(number: $0.code.rawValue) }
    }
    /// The same of an `errno`.
    public static func ofDisk(number: Int32) -> Refusal? {
        switch number {
        case ENOSPC, EDQUOT: Refusal("disk.full")
        case EROFS: Refusal("disk.read-only")
        case EIO: Refusal("disk.failed")
        default: nil
        }
    }
}
