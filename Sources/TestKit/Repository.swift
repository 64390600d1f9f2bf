import Foundation

/// The repository that these sources lie in, and the data that its tests read.
public enum Repository {
    public static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    public static let data = root.appendingPathComponent("Data")
    public static let standards = data.appendingPathComponent("standards")
}
