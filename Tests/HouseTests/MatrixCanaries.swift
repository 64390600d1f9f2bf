/// Which words may be told to whom, written by hand: everybody named is told by some answer, nobody else by any.
extension MatrixWorld {
    struct Canary: Sendable {
        let word: String
        let told: Set<Actor>
    }

    /// Words that a page publishes, or says back to whoever asked for them.
    static let published: [String: Set<String>] = [
        "GET /public/blacklist -": ["金丝雀甲厂", "金丝雀乙厂"], "GET /records identity": [identity],
    ]

    /// The supervising function of the county: its own office, the city's, the township's, and whoever the county's officer handed it to.
    private static let supervisors: Set<Actor> = [.officer, .parent, .township, .delegate]
    /// Everybody of the authority in the county: other departments and who only reads see its files, but no proceedings.
    private static let office: Set<Actor> = supervisors.union([.department, .viewer])
    private static let siblings: Set<Actor> = [.sibling, .parent]

    static let canaries: [Canary] =
        ownCanaries + otherCanaries + [
            // Two employers' records of one person: the authorities of both places know the history, neither employer reads the other's.
            Canary(word: "金丝雀双工人", told: office.union([.sibling, .employer, .otherEmployer])),
            Canary(word: earlier, told: supervisors.union([.sibling, .otherEmployer])),
        ]

    private static let ownCanaries: [Canary] = {
        func told(_ matters: [String], _ actors: Set<Actor>) -> [Canary] { matters.map { Canary(word: "金丝雀甲\($0)", told: actors) } }
        let file = office.union([.employer])
        let proceedings = supervisors.union([.employer])
        var all: [Canary] = []
        // Names of units. Security reads whose accounts there are; the sibling's authority reads where somebody works who worked there.
        all += told(["厂"], file.union([.tester, .worker, .security, .sibling]))
        all += told(["机构"], file.union([.tester, .worker, .security]))
        // The employer's file: it and every office of its place; the institution what it was asked and found; a worker their own post.
        all += told(["车间", "负责人", "申报联系人", "检查发现", "检查项目说明", "责令内容", "整改材料", "分级过程", "执法员"], file)
        all += told(["岗位"], file.union([.worker, .tester]))
        all += told(["工人"], file.union([.worker, .tester]))
        all += told(["委托内容", "检测例外"], file.union([.tester]))
        all += told(["文件inspection_file", "文件名inspection_file"], file)
        // What the authority keeps to itself: who is biased for what reason, whom it will visit, what it makes of a report.
        all += told(["回避理由", "计划执法员"], office)
        // What became of a report that was handed over is told to whom it is about, and to whoever wrote it.
        all += told(["移交理由"], file.union([.tester]))
        // Personal and medical: with a reason, the function that enters it; the employer and the institution of their own file; oneself.
        all += told(["申报电话", "在场人"], proceedings)
        all += told(["委托联系"], proceedings.union([.tester]))
        all.append(Canary(word: identity, told: proceedings.union([.worker])))
        all.append(Canary(word: phone, told: proceedings.union([.worker])))
        all.append(Canary(word: thresholds, told: proceedings.union([.worker, .tester])))
        all += told(["文件exam_file", "文件名exam_file"], proceedings.union([.worker, .tester]))
        all += told(["文件signature_file", "文件名signature_file"], proceedings)
        // A case's file is the supervisors'; its party reads what is served on it and what it said itself.
        all += told(["案情", "办案人", "审核人"], supervisors)
        all += told(["处罚事实", "证据", "裁量理由", "申辩", "列入理由", "信用申请"], proceedings)
        // The department that a notice is addressed to reports what it did.
        all += told(["惩戒措施"], supervisors.union([.department]))
        // Complaints: nobody but the authority, and whoever spoke. Never the employer.
        all += told(["被诉单位", "投诉内容", "举报人", "文件complaint_file", "文件名complaint_file"], supervisors)
        all.append(Canary(word: "甲举报电话0772-5550101", told: supervisors))
        all += told(["市民诉单位", "市民投诉"], supervisors.union([.citizen]))
        all += told(["劳动者诉单位", "劳动者投诉"], supervisors.union([.worker]))
        // One's own desk: drafts, keys, files that one imports.
        all += told(["草稿", "坏行", "导入文件"], [.officer])
        all += told(["令牌"], [.officer, .audit])
        all += told(["企业草稿"], [.employer])
        // Accounts: the unit's manager, and security.
        // … and by name those among whom a duty may be given: colleagues of one office.
        all += told(["账户"], [.officer, .department, .security])
        all += told(["受邀人"], [.officer, .security])
        all += told(["受邀员工"], [.employer, .security])
        // Whoever asks for an account is answered by the registry's office: the county's, the city's above it.
        all += told(["认领单位", "认领人"], [.officer, .parent, .delegate])
        return all
    }()

    private static let otherCanaries: [Canary] = {
        func told(_ matters: [String], _ actors: Set<Actor>) -> [Canary] { matters.map { Canary(word: "金丝雀乙\($0)", told: actors) } }
        let file = siblings.union([.otherEmployer])
        var all: [Canary] = []
        all += told(["厂"], file.union([.otherWorker, .security]).union(office))
        all += told(["机构"], file.union([.otherWorker]))
        all += told(["岗位", "工人"], file.union([.otherWorker]))
        all += told(
            [
                "车间", "负责人", "申报联系人", "检查发现", "检查项目说明", "责令内容", "整改材料", "分级过程", "委托内容", "检测例外", "执法员", "处罚事实", "证据", "申辩", "列入理由", "信用申请",
                "移交理由",
            ], file)
        all += told(["回避理由", "计划执法员", "案情", "办案人", "审核人", "惩戒措施", "被诉单位", "投诉内容"], siblings)
        all += told(["企业草稿"], [.otherEmployer])
        all += told(["受邀员工"], [.otherEmployer, .security])
        all += told(["草稿"], [.sibling])
        all += told(["令牌"], [.sibling, .audit])
        all += told(["劳动者诉单位", "劳动者投诉"], siblings.union([.otherWorker]))
        return all
    }()
}
