import Foundation
import Kernel

/// The targets of a relationships part by their id, and by the last word of their type.
final class Relations: XMLReading {
    private(set) var byID: [String: (kind: String, part: String)] = [:]
    private let folder: String

    /// The relations of a part of the archive; none where it has no relationships part.
    init(of part: String, in archive: Archive) throws {
        let slash = part.lastIndex(of: "/").map { part.index(after: $0) } ?? part.startIndex
        folder = String(part[..<slash])
        let relations = "\(folder)_rels/\(part[slash...]).rels"
        if archive.has(relations) { try XMLStream.parse(relations, of: archive, with: self) }
    }

    /// The first part of a kind, such as `styles`.
    func first(_ kind: String) -> String? {
        byID.sorted { $0.key < $1.key }.first { $0.value.kind == kind }?.value.part
    }

    func opened(_ name: XMLName, _ attributes: XMLAttributes) throws {
        guard name == .relationship, let id = attributes["Id"], let type = attributes["Type"], let target = attributes["Target"],
            attributes["TargetMode"] != "External"
        else { return }
        guard byID.count < 10_000 else { throw Refusal("file.bomb", ["value": folder + "_rels"]) }
        byID[id] = (String(type.split(separator: "/").last ?? ""), resolve(target))
    }

    private func resolve(_ target: String) -> String {
        let path = target.replacingOccurrences(of: "\\", with: "/")
        if path.hasPrefix("/") { return String(path.dropFirst()) }
        var steps: [Substring] = []
        for step in (folder + path).split(separator: "/") where step != "." {
            if step == ".." { _ = steps.popLast() } else { steps.append(step) }
        }
        return steps.joined(separator: "/")
    }
}

/// The sheets of `workbook.xml` in their order, and the calendar of its dates.
final class WorkbookContents: XMLReading {
    private(set) var sheets: [(name: String, relation: String, isHidden: Bool)] = []
    private(set) var startsIn1904 = false

    func opened(_ name: XMLName, _ attributes: XMLAttributes) throws {
        switch name {
        case .workbookPr:
            let flag = attributes["date1904"]
            startsIn1904 = flag == "1" || flag == "true"
        case .sheet:
            guard sheets.count < 10_000 else { throw Refusal("file.bomb", ["value": "workbook.xml"]) }
            sheets.append((attributes["name"] ?? "", attributes["id"] ?? "", attributes["state"]?.lowercased().contains("hidden") ?? false))
        default: break
        }
    }
}

/// Which cell styles show their number as a date.
final class NumberStyles: XMLReading {
    /// By index of the style that a cell names.
    private(set) var isDate: [Bool] = []
    private var customDates: [Int: Bool] = [:]
    private var isInCells = false

    func opened(_ name: XMLName, _ attributes: XMLAttributes) throws {
        switch name {
        case .numFmt:
            guard customDates.count < 65_536 else { throw Refusal("file.bomb", ["value": "styles.xml"]) }
            if let id = attributes["numFmtId"].flatMap({ Int($0) }) {
                customDates[id] = Serial.isDate(format: attributes["formatCode"] ?? "")
            }
        case .cellXfs: isInCells = true
        case .xf where isInCells:
            guard isDate.count < 65_536 else { throw Refusal("file.bomb", ["value": "styles.xml"]) }
            let id = attributes["numFmtId"].flatMap { Int($0) } ?? 0
            isDate.append(customDates[id] ?? Serial.isDate(builtIn: id))
        default: break
        }
    }
    func closed(_ name: XMLName) throws { if name == .cellXfs { isInCells = false } }
}

/// The shared strings of a workbook, end to end in one buffer. Runs of rich text are joined; phonetic text is left out.
final class SharedStrings: XMLReading {
    private let limits: SheetLimits
    private var bytes: [UInt8] = []
    private var ends: [UInt32] = []
    private var isInText = false
    private var isInPhonetic = false

    init(limits: SheetLimits) { self.limits = limits }

    subscript(index: Int) -> String? {
        guard ends.indices.contains(index) else { return nil }
        let start = index == 0 ? 0 : Int(ends[index - 1])
        return bytes.withUnsafeBufferPointer { Escapes.text(UnsafeBufferPointer(rebasing: $0[start..<Int(ends[index])])) }
    }

    func opened(_ name: XMLName, _ attributes: XMLAttributes) throws {
        switch name {
        case .t: isInText = !isInPhonetic
        case .rPh: isInPhonetic = true
        default: break
        }
    }
    func closed(_ name: XMLName) throws {
        switch name {
        case .t: isInText = false
        case .rPh: isInPhonetic = false
        case .si:
            ends.append(UInt32(bytes.count))
            try weigh()
        default: break
        }
    }
    func text(_ bytes: UnsafeBufferPointer<UInt8>) throws {
        guard isInText else { return }
        self.bytes.append(contentsOf: bytes)
        try weigh()
        let length = self.bytes.count - Int(ends.last ?? 0)
        // Escapes (`_x000D_`) take seven bytes for a character.
        guard length <= limits.cellCharacters * 7 else {
            throw Refusal("file.line-too-long", ["limit": String(limits.cellCharacters), "value": String(length)])
        }
    }
    private func weigh() throws {
        guard bytes.count + ends.count * 4 <= min(limits.sharedStrings, Int(UInt32.max)) else {
            throw Refusal("file.bomb", ["value": "sharedStrings.xml", "limit": String(limits.sharedStrings)])
        }
    }
}

/// The escapes `_x000D_` by which workbooks write characters that XML cannot hold.
enum Escapes {
    static func text(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        guard bytes.contains(0x5F), text.contains("_x") else { return text }
        var units: [UInt16] = []
        var rest = Array(text.utf16)[...]
        while let unit = rest.first {
            if unit == 0x5F, let code = escape(rest.prefix(7)) {
                units.append(code)
                rest = rest.dropFirst(7)
            } else {
                units.append(unit)
                rest = rest.dropFirst()
            }
        }
        return String(decoding: units, as: UTF16.self)
    }

    private static func escape(_ units: ArraySlice<UInt16>) -> UInt16? {
        let text = String(decoding: units, as: UTF16.self)
        guard units.count == 7, text.hasPrefix("_x"), text.hasSuffix("_"), text.utf8.count == 7 else { return nil }
        return UInt16(text.dropFirst(2).dropLast(), radix: 16)
    }
}
