import Kernel
import Ledger
import Registry

/// A confirmed case that names the employer, until the year of its diagnosis ends: what asks for an inspection.
let newCase = FindingRule("diagnosis.new-case", in: Employer.kind) { file, _ in
    file.all(Diagnosed.kind, of: Diagnosed.employer, file.id).compactMap { diagnosis in
        guard diagnosis[Diagnosed.confirmed] == true, let day = diagnosis[Diagnosed.day] else { return nil }
        return Finding(.restOfYear(from: day), record: diagnosis.id, code: diagnosis[Diagnosed.disease] ?? "")
    }
}

/// What this room offers to the house.
public let feature = Feature("Diagnosis", kinds: kinds, findings: [newCase], measures: measures)
