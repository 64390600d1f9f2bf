import CQREncode

/// A QR code (ISO/IEC 18004) by libqrencode, as the outline of its dark squares: black on white, as cameras want it.
public struct QRCode: Sendable {
    /// Squares on a side, with four white ones around.
    public let side: Int
    /// `M4 4h7v1h-7z…`: the path of an SVG whose view box is `0 0 side side`.
    public let path: String

    /// Nil where the text is too long for one.
    public init?(_ text: String) {
        guard let code = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1) else { return nil }
        defer { QRcode_free(code) }
        let (width, quiet) = (Int(code.pointee.width), 4)
        var path = ""
        for row in 0..<width {
            var column = 0
            while column < width {
                let start = column
                // The lowest bit of a square says that it is dark.
                while column < width, code.pointee.data[row * width + column] & 1 == 1 { column += 1 }
                if column > start { path += "M\(start + quiet) \(row + quiet)h\(column - start)v1h-\(column - start)z" }
                column += 1
            }
        }
        (side, self.path) = (width + 2 * quiet, path)
    }
}
