import Foundation
import Kernel

/// The parts of a form with a file (RFC 7578). The body lies on disk and is mapped, so that its size costs no memory.
enum Multipart {
    static func boundary(_ contentType: String) -> String? {
        for part in contentType.split(separator: ";").dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            if pair.count == 2, pair[0].lowercased() == "boundary" {
                let text = pair[1].trimmingCharacters(in: CharacterSet(charactersIn: "\""))
                return (1...70).contains(text.utf8.count) ? text : nil
            }
        }
        return nil
    }

    static func parse(_ url: URL, boundary: String) throws -> ([String: [String]], Upload?) {
        let data = try Data(contentsOf: url, options: .mappedIfSafe)
        let delimiter = Data("--\(boundary)".utf8)
        let blank = Data("\r\n\r\n".utf8)
        var fields: [String: [String]] = [:]
        var upload: Upload?
        var parts = 0
        var size = 0
        guard var start = data.range(of: delimiter)?.upperBound else { throw Refusal("request.format") }
        while let next = data.range(of: Data("\r\n--\(boundary)".utf8), in: start..<data.endIndex) {
            guard let head = data.range(of: blank, in: start..<next.lowerBound) else { throw Refusal("request.format") }
            let headers = String(decoding: data[start..<head.lowerBound], as: UTF8.self)
            let content = head.upperBound..<next.lowerBound
            parts += 1
            guard parts <= 2000 else { throw Refusal("request.too-large", ["limit": "2000"]) }
            if let name = parameter("name", of: headers) {
                if let file = parameter("filename", of: headers) {
                    // A browser sends a part without a name where no file was chosen; an empty file has one.
                    if upload == nil, !content.isEmpty || !file.isEmpty {
                        let target = FileManager.default.temporaryDirectory.appendingPathComponent(
                            "zhifang-\(Digest.hex(Digest.random(12)))")
                        try data[content].write(to: target)
                        // Only the last part of what the browser calls the file, and only for showing.
                        upload = Upload(url: target, name: String((file.split { $0 == "/" || $0 == "\\" }.last ?? "").prefix(120)))
                    }
                } else {
                    size += content.count
                    guard size <= 4 << 20 else { throw Refusal("request.too-large", ["limit": "4 MB"]) }
                    fields[name, default: []].append(String(decoding: data[content], as: UTF8.self))
                }
            }
            start = next.upperBound
        }
        // Without the last delimiter the body was cut, and what is missing would count as left out.
        guard data[start...].starts(with: Data("--".utf8)) else {
            if let upload { try? FileManager.default.removeItem(at: upload.url) }
            throw Refusal("request.format")
        }
        return (fields, upload)
    }

    private static func parameter(_ name: String, of headers: String) -> String? {
        for line in headers.split(separator: "\r\n") where line.lowercased().hasPrefix("content-disposition:") {
            guard let range = line.range(of: "; \(name)=\"") else { continue }
            return String(line[range.upperBound...].prefix { $0 != "\"" })
        }
        return nil
    }
}
