import Foundation
import Kernel
import Sheets
import TestKit

extension Scratch {
    func rows(_ sheet: String? = nil, limits: SheetLimits = .standard) throws -> [SheetRow] {
        var rows: [SheetRow] = []
        try SheetReader.read(url, sheet: sheet, limits: limits) { rows.append($0) }
        return rows
    }
    func cells(_ sheet: String? = nil, limits: SheetLimits = .standard) throws -> [[String]] {
        try rows(sheet, limits: limits).map(\.cells)
    }

    /// The refusal that reading meets, nil where it meets none.
    func refusal(_ sheet: String? = nil, limits: SheetLimits = .standard) -> Refusal? {
        do {
            try SheetReader.read(url, sheet: sheet, limits: limits) { _ in }
            return nil
        } catch { return error as? Refusal }
    }
}
