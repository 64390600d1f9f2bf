import Declaration
import Exposure
import Institutions
import Kernel
import Ledger
import Registry

/// The workshop of the demonstration 示例作坊: a ceramics workshop of nine people in 南湖区, twenty-five days after it began and just before its
/// first declaration, with three testing institutions near it: one that may test its dust, one whose qualification has ended, one that
/// tests physical agents only. The same records every time, at days counted back from today.
public enum DemoWorkshop {
    public static let employer = id("employer")
    /// Qualified for dust, chemical and physical factors, with staff.
    public static let tester = id("tester")
    /// Its qualification ended a month ago.
    public static let lapsedTester = id("lapsed")
    /// Tests physical agents only.
    public static let narrowTester = id("narrow")
    /// People of `tester`: two who sample, one in the laboratory, one whose training lies ahead of the test.
    public static let staff = ["sampler1", "sampler2", "analyst", "novice"].map(id)
    /// The worker who batches the raw materials.
    public static let worker = id("worker1")
    static let county = "330402"

    /// Name, how many work there, hazards on record: silica dust A001, noise C001, heat C002, pottery dust A009.
    static let posts: [(key: String, name: String, persons: Int, factors: [String])] = [
        ("batching", "原料配料岗", 2, ["A001"]), ("milling", "球磨岗", 1, ["A001", "C001"]), ("pressing", "压制成型岗", 2, ["A009", "C001"]),
        ("trimming", "修坯岗", 2, ["A001"]), ("glazing", "施釉岗", 1, []), ("kiln", "窑炉岗", 1, ["C002"]),
    ]
    public static func post(_ key: String) -> String { id("post" + key) }
    /// Nine people, each at a post.
    static let people = [
        ("周建国", "batching"), ("吴秀英", "batching"), ("郑志强", "milling"), ("王桂芳", "pressing"), ("冯海", "pressing"), ("陈玉兰", "trimming"),
        ("褚小明", "trimming"), ("卫红梅", "glazing"), ("蒋大勇", "kiln"),
    ]

    static func id(_ name: String) -> String { "workshop" + name + String(repeating: "0", count: 18 - name.utf8.count) }

    /// - Parameter today: nothing lies after this day but ends of qualifications.
    static func versions(today: Day) -> [Version] {
        let began = today - 25
        let entered = Moment(endOf: today - 6).microseconds - 40_000_000_000
        var versions: [Version] = []
        func add(_ kind: Kind, _ name: String, _ home: String = county, _ fill: (inout Record) -> Void) {
            var record = Record(
                kind, id: id(name), home: home, recordedAt: Moment(microseconds: entered + Int64(versions.count) * 1_000_000))
            fill(&record)
            versions.append(Version(record))
        }
        add(Employer.kind, "employer") {
            $0[Employer.name] = "嘉兴南湖青瓷坊陶艺有限公司"
            $0[Employer.creditCode] = CreditCode.completing("91330402MA2TEST01")
            $0[Employer.division] = county
            $0[Employer.industry] = "C3074"
            $0[Employer.size] = "micro"
            $0[Employer.ownership] = "private"
            $0[Employer.severity] = "severe"
            $0[Employer.sector] = "enterprise"
            $0[Employer.headcount] = 9
            $0[Employer.hazards] = true
            $0[Employer.since] = began
            $0[Employer.central] = false
            $0[Employer.contact] = "沈阿林"
            $0[Employer.phone] = "13800000330"
            $0[Employer.address] = "嘉兴市南湖区新丰镇工业路 18 号"
        }
        add(DeclarationCause.kind, "cause") {
            $0[DeclarationCause.employer] = employer
            $0[DeclarationCause.cause] = "commencement"
            $0[DeclarationCause.day] = began
        }
        for place in posts {
            add(Post.kind, "post" + place.key) {
                $0[Post.employer] = employer
                $0[Post.name] = place.name
                $0[Post.headcount] = place.persons
                $0[Post.from] = began
            }
            for factor in place.factors {
                add(EmployerHazard.kind, place.key + factor.lowercased()) {
                    $0[EmployerHazard.employer] = employer
                    $0[EmployerHazard.post] = post(place.key)
                    $0[EmployerHazard.factor] = factor
                    $0[EmployerHazard.from] = began
                    $0[EmployerHazard.source] = "census"
                }
            }
        }
        for (index, person) in people.enumerated() {
            let number = String(index + 1)
            let place = posts.first { $0.key == person.1 }
            add(Worker.kind, "worker" + number) { $0[Worker.name] = person.0 }
            add(Employment.kind, "employment" + number) {
                $0[Employment.worker] = id("worker" + number)
                $0[Employment.employer] = employer
                $0[Employment.from] = began
                $0[Employment.type] = "direct"
            }
            guard let place, !place.factors.isEmpty else { continue }
            add(Exposed.kind, "exposure" + number) {
                $0[Exposed.worker] = id("worker" + number)
                $0[Exposed.employer] = employer
                $0[Exposed.post] = post(place.key)
                $0[Exposed.factors] = place.factors
                $0[Exposed.from] = began
            }
        }
        institutions(today) { kind, name, home, fill in add(kind, name, home, fill) }
        return versions
    }

    private static func institutions(_ today: Day, _ add: (Kind, String, String, (inout Record) -> Void) -> Void) {
        let firms: [(key: String, name: String, until: Day, categories: [String], credit: String)] = [
            ("tester", "嘉兴南湖安测检测技术有限公司", today + 900, ["dust", "chemical", "physical"], "91330402MA2TEST02"),
            ("lapsed", "嘉兴南湖旧检环境检测有限公司", today - 30, ["dust", "chemical", "physical"], "91330402MA2TEST03"),
            ("narrow", "嘉兴南湖声振检测有限公司", today + 500, ["physical"], "91330402MA2TEST04"),
        ]
        for firm in firms {
            add(Institution.kind, firm.key, county) {
                $0[Institution.name] = firm.name
                $0[Institution.creditCode] = CreditCode.completing(firm.credit)
                $0[Institution.division] = county
                $0[Institution.isPublic] = false
                $0[Institution.since] = today - 2000
            }
            add(Qualification.kind, firm.key + "scope", county) {
                $0[Qualification.institution] = id(firm.key)
                $0[Qualification.type] = "testing"
                $0[Qualification.level] = "prefecture"
                $0[Qualification.grade] = "b"
                $0[Qualification.from] = today - 900
                $0[Qualification.until] = firm.until
                $0[Qualification.categories] = firm.categories
            }
        }
        let people: [(key: String, name: String, role: String, trained: Day)] = [
            ("sampler1", "孙采", "sampling", today - 700), ("sampler2", "李样", "sampling", today - 690),
            ("analyst", "钱析", "laboratory", today - 650), ("novice", "赵新", "sampling", today - 2),
        ]
        for person in people {
            add(Staff.kind, person.key, county) {
                $0[Staff.institution] = tester
                $0[Staff.name] = person.name
                $0[Staff.roles] = [person.role]
                $0[Staff.categories] = ["chemical", "dust", "physical"]
                $0[Staff.trained] = person.trained
                $0[Staff.from] = today - 800
            }
        }
    }
}
