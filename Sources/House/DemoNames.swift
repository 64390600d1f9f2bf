import Kernel

/// Invented names, numbers and addresses.
enum DemoNames {
    private static let surnames: [(String, Int)] = [
        ("王", 15), ("李", 15), ("张", 14), ("刘", 11), ("陈", 10), ("杨", 7), ("赵", 6), ("黄", 6), ("周", 6), ("吴", 5), ("徐", 4), ("孙", 4),
        ("朱", 4), ("马", 4),
        ("胡", 3), ("郭", 3), ("林", 3), ("何", 3), ("高", 3), ("梁", 3), ("沈", 2), ("韦", 2), ("包", 2), ("钱", 2), ("许", 2), ("邓", 2), ("冯", 2),
        ("曹", 2),
        ("彭", 2), ("曾", 2), ("潘", 2), ("陆", 2), ("姚", 1), ("覃", 1), ("白", 1), ("莫", 1),
    ]
    private static let men = Array("伟强磊军洋勇杰涛超明刚平辉鹏华飞鑫波斌宇浩凯健俊帆志国建文海德永庆林松")
    private static let women = Array("芳娜敏静丽艳娟霞秀燕玲桂英梅红兰凤洁琴云莲珍雪荣爱香月彩玉萍")
    private static let brands = Array("宏达恒泰鑫盛永兴隆昌源丰华瑞祥顺安康裕嘉益诚信德润佳美东升新光大金龙凯利旺富国万通正天和海江")
    private static let roads = ["工业路", "创业路", "兴业路", "振兴街", "中山路", "人民路", "新建路", "环城路", "友谊街", "园区大道"]

    static func person(_ random: inout SeededGenerator, woman: Bool) -> String {
        let given = woman ? women : men
        let last = random.chance(0.72) ? String(random.pick(given)) : ""
        return random.pick(weighted: surnames) + String(random.pick(given)) + last
    }

    static func brand(_ random: inout SeededGenerator) -> String {
        let first = random.pick(brands)
        var second = random.pick(brands)
        while second == first { second = random.pick(brands) }
        return String(first) + String(second) + (random.chance(0.25) ? String(random.pick(brands)) : "")
    }

    /// A firm's name: place, brand, trade, form. Small ones are often works or shops without a company's form.
    static func firm(_ random: inout SeededGenerator, place: String, trade: DemoTrade, size: Int) -> String {
        let noun = random.pick(trade.nouns)
        let head = place + brand(&random) + noun
        if trade.medical { return head }
        if ["煤矿", "石灰石矿", "鞋厂"].contains(noun) { return head }
        if size == 0, random.chance(0.45) { return head + (trade.posts.isEmpty ? "店" : random.pick(["厂", "加工厂", "经营部"])) }
        return head + (size == 3 && random.chance(0.5) ? "股份有限公司" : size == 3 && random.chance(0.4) ? "集团有限公司" : "有限公司")
    }

    /// How a place is called in names: 南湖 for 南湖区, 科左后旗 for 科尔沁左翼后旗.
    static func short(_ place: String) -> String {
        let known = ["科尔沁左翼后旗": "科左后旗", "阜新蒙古族自治县": "阜蒙"]
        if let name = known[place] { return name }
        return place.count > 2 && place.count <= 5 ? String(place.dropLast()) : String(place.prefix(2))
    }

    /// A telephone number of no assigned pattern.
    static func phone(_ random: inout SeededGenerator) -> String { "199-0000-" + padded(random.int(0...9999), 4) }

    static func address(_ random: inout SeededGenerator, county: String, township: String?) -> String {
        county + (township ?? "") + random.pick(roads) + "\(random.int(1...399))号"
    }

    static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    /// A resident identity number with a real county, an invented sequence and a right check character.
    static func identity(_ random: inout SeededGenerator, county: String, birth: Day, woman: Bool) -> String {
        let (year, month, day) = birth.parts
        let sequence = random.int(100...499) * 2 + (woman ? 0 : 1)
        return ResidentID.completing(county + padded(year, 4) + padded(month, 2) + padded(day, 2) + padded(sequence, 3))
    }

    /// A credit code of a company (9) or of an individual business or hospital, with invented organisation figures.
    static func credit(_ random: inout SeededGenerator, county: String, number: Int, head: String = "91") -> String {
        let letters = Array("0123456789ABCDEFGHJKLMNPQRTUWXY")
        var body = "MA"
        var rest = number
        for _ in 0..<5 {
            body.append(letters[rest % 31])
            rest /= 31
        }
        body.append(letters[random.int(0...30)])
        body.append(letters[random.int(0...9)])
        return CreditCode.completing(head + county + body)
    }
}
