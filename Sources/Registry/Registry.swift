import Ledger

/// Employers, workers and what is known about them: the rooms above count, this room says what there is to count.
public let kinds: [Kind] = [
    Employer.kind, EmployerChange.kind, Workplace.kind, Post.kind, EmployerHazard.kind, PersonRole.kind, Notice.kind,
    WarningSign.kind, ArchivePart.kind, Worker.kind, Employment.kind, Exposed.kind, Insured.kind, InsuredTotal.kind, SurveillanceFile.kind,
    Merge.kind, Division.kind,
]
