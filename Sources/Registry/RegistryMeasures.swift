import Catalog
import Kernel
import Ledger

/// Archives, notices and signs: what an employer owes by its own records. Definitions: docs/measures.md, *Rates over employers*.
let measures: [Measure] = [archive, notification, warningSign]

private let archive = Measure(
    "employer_archive_rate", "用人单位职业卫生档案建档率", "Employers with a complete occupational-health archive", .rate,
    numerator: ("职业卫生档案各项内容齐全的单位", "hazard employers whose archive has every part"),
    denominator: ("存在职业病危害的单位", "hazard employers"), parameters: ["archive.parts"],
    clause: "职业病防治法 第20条；国家卫生健康委令第5号 第34条", files: [(Employer.kind, archiveStrands)])

private let notification = Measure(
    "notification_rate", "职业病危害告知率", "Posts with every hazard notification", .rate,
    numerator: ("各种告知方式齐全的岗位", "posts notified in every way required"),
    denominator: ("存在职业病危害的岗位", "posts with hazards"), parameters: ["notice.types"],
    clause: "职业病防治法 第24条、第33条", files: [(Employer.kind, notificationStrands)])

private let warningSign = Measure(
    "warning_sign_rate", "警示标识设置率", "Posts with the warning signs of their hazards", .rate,
    numerator: ("已设置相应警示标识的岗位和危害类别", "posts and hazard categories with the sign"),
    denominator: ("应设置警示标识的岗位和危害类别", "posts and hazard categories that need a sign"), parameters: ["sign.categories"],
    clause: "职业病防治法 第24条；GBZ 158", files: [(Employer.kind, warningSignStrands)])

/// Archive (Law Art. 20(4); Order 5 of 2021, Art. 34): one subject, the employer; met while every part is kept.
func archiveStrands(_ file: File, _ terms: Terms) -> [Strand] {
    let profile = EmployerProfile(file)
    let kept = Dictionary(grouping: file.all(ArchivePart.kind)) { $0[ArchivePart.part] ?? "" }
    let parts = terms.list("archive.parts") ?? terms.catalog.tables["archive_part"]?.entries.map(\.code) ?? []
    let each = parts.map { part in
        Timeline.met(by: Evidence.lasting(kept[part] ?? [], ArchivePart.day, ArchivePart.until), else: .unmet("archive.incomplete"))
    }
    let whole = each.isEmpty ? Timeline(.met()) : Timeline.together(each)
    return [Strand(file.id, debtor: file.id, profile.whileHazardous(whole), at: profile.locus)]
}

/// Notification (Law Art. 24, 33): each post in use with hazards; met while it has a notice of every type.
func notificationStrands(_ file: File, _ terms: Terms) -> [Strand] {
    let profile = EmployerProfile(file)
    let types = terms.list("notice.types") ?? ["contract", "bulletin", "test_result"]
    let posts = file.all(Post.kind).compactMap { post -> Strand? in
        let present = profile.hazards(at: post)
        guard !present.isEmpty else { return nil }
        let notices = file.all(Notice.kind, of: Notice.post, post.id)
        let each = types.map { type in
            let given = notices.filter { $0[Notice.type] == type }
            return Timeline.met(by: Evidence.lasting(given, Notice.day, Notice.until), else: .unmet("notice.missing"))
        }
        let whole = each.isEmpty ? Timeline(.met()) : Timeline.together(each)
        return Strand(post.id, debtor: file.id, whole.during(present.map(\.span)).whenever(profile.operating), at: profile.locus)
    }
    return posts + [placelessStrand(file, profile)]
}

/// Warning signs (Law Art. 24; GBZ 158): each post in use and category of its hazards; met while such a sign stands there.
func warningSignStrands(_ file: File, _ terms: Terms) -> [Strand] {
    let profile = EmployerProfile(file)
    let categories = terms.list("sign.categories") ?? ["dust", "chemical", "physical", "radiation", "biological"]
    let places = file.all(Post.kind).flatMap { post -> [Strand] in
        let present = Dictionary(grouping: profile.hazards(at: post)) { terms.group(of: $0.factor) }
        let signs = file.all(WarningSign.kind, of: WarningSign.post, post.id)
        return categories.compactMap { category -> Strand? in
            guard let hazards = present[category] else { return nil }
            let standing = signs.filter { $0[WarningSign.category] == category }
            let met = Timeline.met(by: Evidence.lasting(standing, WarningSign.installed, WarningSign.removed), else: .unmet("sign.missing"))
            let owed = met.during(hazards.map(\.span)).whenever(profile.operating)
            return Strand("\(post.id)|\(category)", debtor: file.id, owed, at: profile.locus)
        }
    }
    return places + [placelessStrand(file, profile)]
}

/// The employer as one unknown subject: nobody knows whether it has hazards, or at which posts.
private func placelessStrand(_ file: File, _ profile: EmployerProfile) -> Strand {
    let placed = profile.hazardRecords.filter { $0[EmployerHazard.post] != nil }
    let known = Timeline(false, true, during: placed.map { $0.span(EmployerHazard.from, EmployerHazard.until) })
    let standing = profile.whileHazardous(known.map { $0 ? .out : .unknown("posts.unknown") })
    return Strand(file.id, debtor: file.id, standing, at: profile.locus)
}

extension EmployerProfile {
    /// A factor at a post on days on which the hazard is present and the post in use.
    fileprivate struct PlacedHazard {
        let factor: String
        let span: Span
    }
    fileprivate func hazards(at post: Record) -> [PlacedHazard] {
        let use = post.span(Post.from, Post.until)
        return hazardRecords.filter { $0[EmployerHazard.post] == post.id }.compactMap { hazard in
            let span = hazard.span(EmployerHazard.from, EmployerHazard.until).intersection(use)
            return span.isEmpty ? nil : PlacedHazard(factor: hazard[EmployerHazard.factor] ?? "", span: span)
        }
    }
}
