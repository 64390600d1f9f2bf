import CZip
import Foundation
import Kernel
import Testing

/// A file that lives as long as its test.
public final class Scratch {
    public let url: URL
    public init(_ name: String = "table") {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("zf-\(UUID().uuidString)-\(name)")
    }
    public convenience init(_ bytes: some Sequence<UInt8>) throws {
        self.init()
        try Data(bytes).write(to: url)
    }
    public convenience init(text: String) throws { try self.init(text.utf8) }
    deinit { try? FileManager.default.removeItem(at: url) }

    public func bytes() throws -> [UInt8] { [UInt8](try Data(contentsOf: url)) }
}

/// Workbooks made by hand, so that a test can hold what no writer writes.
public enum Handmade {
    public static let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    public static let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

    public static func zip(_ parts: [(String, String)]) throws -> Scratch {
        let file = Scratch("made.xlsx")
        try zip(parts, to: file.url)
        return file
    }

    public static func zip(_ parts: [(String, String)], to url: URL) throws {
        var code: Int32 = 0
        let archive = try #require(zip_open(url.path, ZIP_CREATE, &code))
        var kept: [UnsafeMutableRawBufferPointer] = []
        defer { for bytes in kept { bytes.deallocate() } }
        for (name, content) in parts {
            let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: content.utf8.count, alignment: 1)
            bytes.copyBytes(from: content.utf8)
            kept.append(bytes)
            let source = zip_source_buffer(archive, bytes.baseAddress, zip_uint64_t(bytes.count), 0)
            try #require(zip_file_add(archive, name, source, 0) >= 0)
        }
        try #require(zip_close(archive) == 0)
    }

    /// The parts of a workbook with one sheet, whose `<worksheet>` holds `sheet`.
    public static func parts(
        sheet: String, strings: String? = nil, styles: String? = nil, properties: String = "", prologue: String = ""
    ) -> [(String, String)] {
        let targets = [
            ("rId1", "worksheet", "worksheets/sheet1.xml"), ("rId2", "sharedStrings", "sharedStrings.xml"),
            ("rId3", "styles", "/xl/styles.xml"),
        ]
        let present = targets.filter { $0.1 == "worksheet" || ($0.1 == "styles" ? styles : strings) != nil }
        var parts = [
            ("[Content_Types].xml", "<Types/>"),
            ("_rels/.rels", relations([("rId1", "officeDocument", "xl/workbook.xml")])),
            (
                "xl/workbook.xml",
                "<workbook xmlns=\"\(main)\" xmlns:r=\"\(office)\">\(properties)"
                    + "<sheets><sheet name=\"one\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
            ),
            ("xl/_rels/workbook.xml.rels", relations(present)),
            ("xl/worksheets/sheet1.xml", prologue + "<worksheet xmlns=\"\(main)\">\(sheet)</worksheet>"),
        ]
        if let strings { parts.append(("xl/sharedStrings.xml", "<sst>\(strings)</sst>")) }
        if let styles { parts.append(("xl/styles.xml", "<styleSheet>\(styles)</styleSheet>")) }
        return parts
    }

    public static func book(
        rows: String, after: String = "", strings: String? = nil, styles: String? = nil, properties: String = "", prologue: String = ""
    ) throws -> Scratch {
        try zip(
            parts(
                sheet: "<sheetData>\(rows)</sheetData>\(after)", strings: strings, styles: styles, properties: properties,
                prologue: prologue))
    }

    private static func relations(_ all: [(String, String, String)]) -> String {
        let each = all.map { "<Relationship Id=\"\($0.0)\" Type=\"\(office)/\($0.1)\" Target=\"\($0.2)\"/>" }
        return "<Relationships>\(each.joined())</Relationships>"
    }
}
