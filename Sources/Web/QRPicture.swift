extension View {
    /// A QR code as the outline of its dark squares: black on white, as cameras want it. Made from `Print.QRCode`.
    public struct QRPicture: Sendable {
        /// Squares on a side, with four white ones around.
        public let side: Int
        /// `M4 4h7v1h-7z…`: the path of an SVG whose view box is `0 0 side side`.
        public let path: String

        /// - Parameter modules: row by row, `width` a row; true is dark.
        public init(width: Int, modules: [Bool]) {
            let quiet = 4
            var path = ""
            for row in 0..<width {
                var column = 0
                while column < width {
                    let start = column
                    while column < width, modules[row * width + column] { column += 1 }
                    if column > start { path += "M\(start + quiet) \(row + quiet)h\(column - start)v1h-\(column - start)z" }
                    column += 1
                }
            }
            (side, self.path) = (width + 2 * quiet, path)
        }
    }
}
