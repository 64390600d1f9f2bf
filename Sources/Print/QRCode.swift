import CQREncode
import Kernel

/// A text as a square of modules (ISO/IEC 18004), error correction M.
public struct QRCode: Sendable, Hashable {
    public let width: Int
    /// Row by row; true is dark.
    public let modules: [Bool]

    /// - Throws: `Refusal("print.code")` for a text that is empty or too long.
    public init(_ text: String) throws {
        guard let code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M) else {
            throw Refusal("print.code", ["value": String(text.prefix(80))])
        }
        defer { QRcode_free(code) }
        let width = Int(code.pointee.width)
        self.width = width
        modules = (0..<width * width).map { code.pointee.data[$0] & 1 == 1 }
    }
}
