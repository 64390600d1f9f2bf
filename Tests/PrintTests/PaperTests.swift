import Foundation
import Kernel
import Print
import Testing

/// What comes out of the press, read by another program.
@Suite struct PaperTests {
    private func table(_ rows: Int) -> Table {
        let columns: [Table.Column] = [.init(1, .end), .init(4), .init(3), .init(2, .end), .init(2, .end), .init(2, .middle)]
        let head: [[Cell]] = [["序号", "岗位", "危害因素", "检测值", "限值", "判定"]]
        return Table(
            columns, head: head,
            rows: (1...rows).map {
                [Cell(Text("\($0)")), Cell(Text("第\($0)号成型岗位")), "矽尘（游离SiO2 10%～50%）", Cell(Text("\(Double($0) / 100)")), "1", "合格"]
            })
    }

    /// Five hundred rows: every cell is there once, headings stand on each page, nothing leaves the paper's margins.
    @Test(arguments: [Table.Rules.boxed, .open]) func longTable(_ rules: Table.Rules) throws {
        var table = table(500)
        table.rules = rules
        let paper = try Paper(document(.report, [.title("检测结果"), .table(table)]), "table\(rules)")
        defer { paper.remove() }
        let pages = try paper.pages
        #expect((24...32).contains(pages))
        let text = try paper.text()
        for row in 1...500 { #expect(text.contains("第\(row)号成型岗位"), "row \(row) is lost") }
        for page in 1...pages {
            let own = try paper.text(page)
            #expect(own.contains("序号岗位危害因素检测值限值判定"), "no headings on page \(page)")
            #expect(own.contains("第\(page)页共\(pages)页"))
        }
        try isInside(paper, left: 22, right: 22, top: 22)
    }

    private func isInside(_ paper: Paper, left: Double, right: Double, top: Double, width: Double = 210, height: Double = 297) throws {
        let millimetre = 72 / 25.4
        let words = try paper.words()
        #expect(!words.isEmpty)
        for word in words {
            #expect(
                word.left >= left * millimetre - 1 && word.right <= (width - right) * millimetre + 1,
                "\(word.text) leaves page \(word.page)")
            // A font's box is higher than its line.
            #expect(word.top >= (top - 4) * millimetre && word.bottom <= (height - 3) * millimetre, "\(word.text) leaves page \(word.page)")
        }
    }

    /// One cell of thirty thousand characters goes on over pages and loses nothing; a word without a break does not run over.
    @Test func longCell() throws {
        let sentence = "检查组现场核查了粉尘防护设施运行记录、个人防护用品发放台账和职业健康监护档案。"
        let long = (1...800).map { "【\($0)】" + sentence }.joined()
        let rows: [[Cell]] = [["前", "一行"], ["发现", Cell(Text(long))], ["后", Cell(Text(String(repeating: "A1b2", count: 300)))]]
        let table = Table([.init(1), .init(5)], head: [["项目", "内容"]], rows: rows)
        let paper = try Paper(document(.form, [.title("现场检查笔录"), .table(table), .paragraph("末段。")]))
        defer { paper.remove() }
        let text = try paper.body()
        for index in 1...800 { #expect(text.contains("【\(index)】"), "part \(index) is lost") }
        #expect(text.replacing("项目内容", with: "").components(separatedBy: "检查组现场核查了").count == 801)
        #expect(text.contains("末段。"))
        // Broken anywhere, the long word is there to the last letter.
        #expect(text.filter { "Ab".contains($0) }.count >= 600)
        for page in 1...(try paper.pages - 1) { #expect(try paper.text(page).contains("项目内容")) }
        try isInside(paper, left: 21, right: 21, top: 20)
    }

    /// Paragraphs break between lines, two on each side, and headings stay with what follows.
    @Test func paragraphs() throws {
        var blocks: [Block] = [.letterhead("柳南区卫生健康局"), .title("责令限期改正通知书"), .number("柳南卫职责改〔2022〕3号")]
        for index in 1...40 {
            blocks.append(.heading("第\(index)项"))
            blocks.append(
                .paragraph(Text(String(repeating: "你单位矽尘岗位的时间加权平均浓度超过职业接触限值，", count: index % 9 + 1) + "句\(index)终。"), isIndented: true))
        }
        let paper = try Paper(document(.letter, blocks))
        defer { paper.remove() }
        let text = try paper.body()
        for index in 1...40 { #expect(text.contains("句\(index)终。")) }
        for page in 1...(try paper.pages) {
            let lines = try paper.run("pdftotext", ["-f", "\(page)", "-l", "\(page)", "-layout", paper.url.path, "-"]).split(
                separator: "\n"
            )
            .map { $0.filter { !$0.isWhitespace } }.filter { !$0.isEmpty }
            let body = lines.filter { !$0.contains("SHA-256") && !$0.contains("页共") }
            #expect(body.last?.hasPrefix("第") != true, "a heading alone at the end of page \(page)")
        }
        try isInside(paper, left: 27, right: 26, top: 27)
    }

    /// One document gives the same bytes, whatever was printed in between; another moment gives others.
    @Test func sameBytes() throws {
        let first = document(
            .form, [.title("申报回执"), .table(table(30)), .closing(Closing(authority: "局", day: "2022年6月30日", code: "https://x.cn/a"))])
        let bytes = try Press.shared.print(first)
        _ = try Press.shared.print(document(.report, [.table(table(3))]))
        #expect(try Press.shared.print(first) == bytes)
        #expect(try Press().print(first) == bytes)
        var later = first
        later.moment = Moment(microseconds: noon.microseconds + 1_000_000)
        #expect(try Press.shared.print(later) != bytes)
        let paper = try Paper(first)
        defer { paper.remove() }
        #expect(try paper.info("Title") == "样张")
        #expect(try paper.info("Page size").hasPrefix("595.276 x 841.89 pts (A4)"))
        #expect(try paper.info("CreationDate").contains("2022"))
    }

    /// A character that no font has is named, and no paper with empty boxes goes out.
    @Test func unknownCharacter() {
        #expect(throws: Refusal("print.glyphs", ["value": "U+10FFFD U+E123"])) {
            _ = try Press.shared.print(document(.form, [.facts([Fact("名称", "甲\u{10FFFD}乙\u{E123}丙")])]))
        }
    }

    /// Fonts are in the file, as parts, and each has its table of characters.
    @Test func fonts() throws {
        let paper = try Paper(document(.form, [.title("回执"), .paragraph("柳南区 ABC 123 ①②㎡ mg/m³ μg ≤ ≥ × ℃ ～ 〔2022〕 □ ■ √")]))
        defer { paper.remove() }
        let lines = try paper.run("pdffonts", [paper.url.path]).split(separator: "\n").dropFirst(2)
        #expect(!lines.isEmpty)
        for line in lines {
            #expect(line.contains(/\+NotoSerifCJK|\+NotoSansCJK/), "\(line)")
            #expect(line.contains(/yes +yes +yes/), "\(line)")
        }
        #expect(try paper.text().contains("柳南区ABC123①②㎡mg/m³μg≤≥×℃～〔2022〕□■√"))
    }

    /// Every sign and block is drawn in both languages; nothing throws and every word is there.
    @Test(arguments: [false, true]) func everything(_ english: Bool) throws {
        let signs = Sign.Symbol.allCases.enumerated().map { Sign(Sign.Shape.allCases[$0 % 4], $1, "\(english ? "Sign" : "标识")\($0)") }
        let blocks: [Block] = [
            .letterhead("柳南区卫生健康局"), .title("样张", under: "副题"), .number("柳南卫〔2022〕1号"), .heading("一、事实"),
            .facts([Fact("名称", "甲陶瓷厂"), Fact("代码", "91450204"), .byHand("电话", lines: 2, note: "（手填）"), Fact("地址", "柳邕路1号", isWide: true)]),
            .list(["第一点", "第二点"]), .note("小字"), .signs(signs),
            .bar([Share("达标", 5, .good), Share("未达标", 2, .bad), Share("不明", 1, .unsure), Share("其他", 1, .other)]),
            .scale(Scale(value: 62.5, low: 60, high: 71, target: 80, top: 100, valueText: "62.5%", targetText: "≥80%")), .rule,
            .signings([Signing("当事人（签名）：", day: "年  月  日"), Signing("检查人员：", name: "王某", day: "2022年6月30日")]), .pageBreak,
            .table(table(3)),
            .closing(
                Closing(authority: "柳南区卫生健康局", day: "2022年6月30日", seal: "（印章）", code: "https://zf.example.cn/check/abc", caption: "扫码核验")),
        ]
        let paper = try Paper(document(.form, english: english, blocks), "everything\(english)")
        defer { paper.remove() }
        #expect(try paper.pages >= 2)
        let text = try paper.text()
        for index in signs.indices { #expect(text.contains((english ? "Sign" : "标识") + "\(index)")) }
        for word in ["柳南卫〔2022〕1号", "甲陶瓷厂", "（手填）", "第二点", "达标5", "62.5%", "≥80%", "王某", "（印章）", "扫码核验"] {
            #expect(text.contains(word), "\(word)")
        }
        try isInside(paper, left: 21, right: 21, top: 20)
    }

    /// A card keeps to one page with little or much to say, and goes on over more where nobody could read it otherwise.
    @Test(arguments: [1, 12, 400]) func card(_ length: Int) throws {
        let text = Text((1...length).map { "第\($0)句：吸入蒸气可致头晕、头痛、恶心。" }.joined())
        let card = Card(
            banner: "有毒物品，对人体有害，请注意防护", name: "苯", under: ["Benzene", "CAS 71-43-2"], sign: Sign(.warning, .poison, "当心中毒"),
            pair: [Card.Part("健康危害", text), Card.Part("理化特性", nil)],
            parts: [
                Card.Part("应急处理", text),
                Card.Part("防护措施", text, signs: [Sign(.mandatory, .respirator, "戴防毒面具"), Sign(.mandatory, .ventilation, "注意通风")]),
            ],
            limitsTitle: "职业接触限值",
            limits: Table([.init(2), .init(1, .end)], head: [["限值", "mg/m³"]], rows: [["PC-TWA", "3"], ["PC-STEL", "6"]]),
            limitsNote: "GBZ 2.1-2019 表1", foot: [Card.Part("急救电话", "120"), Card.Part("咨询电话", nil)], byHand: "（用人单位手工填写）")
        let paper = try Paper(document(.poster(isWide: true), [.card(card)]), "card\(length)")
        defer { paper.remove() }
        #expect(try length < 400 ? paper.pages == 1 : paper.pages > 1)
        let all = try paper.body()
        for index in 1...length { #expect(all.components(separatedBy: "第\(index)句：").count == 4, "sentence \(index)") }
        for word in ["苯", "Benzene", "71-43-2", "理化特性", "PC-STEL", "GBZ2.1-2019", "120", "咨询电话", "戴防毒面具"] {
            #expect(all.contains(word), "\(word)")
        }
        try isInside(paper, left: 11, right: 11, top: 9, width: 297, height: 210)
    }

    /// Ten pages with two hundred Chinese cells each: the press keeps up with whoever asks. Seconds are printed, not judged, but for a
    /// bound that only a broken press would miss.
    @Test func speed() throws {
        let cells = (0..<50).map { row in (0..<4).map { Cell(Text("第\(row)行\($0)列汉字")) } }
        let page = Table([.init(1), .init(1), .init(1), .init(1)], rows: cells, rules: .open, scale: 0.55)
        var blocks: [Block] = []
        for index in 0..<10 { blocks += index == 0 ? [.table(page)] : [.pageBreak, .table(page)] }
        let ten = document(.report, blocks)
        let paper = try Paper(ten)
        defer { paper.remove() }
        #expect(try paper.pages == 10)
        let clock = ContinuousClock()
        let time = try clock.measure { for _ in 0..<5 { _ = try Press.shared.print(ten) } } / 5
        Swift.print("10 pages with 200 cells each: \(time)")
        #expect(time < .seconds(10))
    }
}
