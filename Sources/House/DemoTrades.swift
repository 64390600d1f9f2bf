/// A trade of the demonstration: its industry in GB/T 4754 by name, what its firms are called, and the posts with their hazards.
struct DemoTrade: Sendable {
    let industry: String
    let nouns: [String]
    /// Whether most of its firms are of the severe class.
    let severe: Bool
    let posts: [(name: String, factors: [String])]
    var medical = false
    /// Persons with radiation posts beside the trade's own: industrial radiography.
    var radiography = false
}

/// The trades that the plans name, and some without hazards.
enum DemoTrades {
    static let all: [String: DemoTrade] = [
        "coal": DemoTrade(
            industry: "烟煤和无烟煤开采洗选", nouns: ["煤业", "煤矿", "矿业"], severe: true,
            posts: [("采煤工", ["煤尘", "矽尘", "噪声"]), ("掘进工", ["矽尘", "煤尘", "振动"]), ("洗选工", ["煤尘", "噪声"])]),
        "quarry": DemoTrade(
            industry: "建筑装饰用石开采", nouns: ["石材", "矿业", "采石"], severe: true,
            posts: [("凿岩工", ["矽尘", "噪声", "振动"]), ("破碎工", ["矽尘", "噪声"])]),
        "limestone": DemoTrade(
            industry: "石灰石、石膏开采", nouns: ["矿业", "石灰石矿"], severe: true, posts: [("破碎工", ["石灰石粉尘", "噪声"]), ("钻孔工", ["矽尘", "噪声"])]),
        "cement": DemoTrade(
            industry: "水泥制造", nouns: ["水泥", "建材"], severe: true,
            posts: [("粉磨工", ["水泥粉尘", "噪声"]), ("包装工", ["水泥粉尘"]), ("窑操作工", ["高温", "一氧化碳"])]),
        "brick": DemoTrade(
            industry: "粘土砖瓦及建筑砌块制造", nouns: ["砖瓦", "新型建材", "墙材"], severe: true, posts: [("原料工", ["矽尘", "噪声"]), ("烧窑工", ["高温", "二氧化硫"])]),
        "ceramics": DemoTrade(
            industry: "日用陶瓷制品制造", nouns: ["陶瓷", "瓷业"], severe: true, posts: [("原料工", ["矽尘", "噪声"]), ("成型工", ["陶土粉尘"]), ("喷釉工", ["矽尘"])]),
        "refractory": DemoTrade(
            industry: "耐火陶瓷制品及其他耐火材料制造", nouns: ["耐火材料", "窑业"], severe: true,
            posts: [("破碎工", ["矽尘", "噪声"]), ("压砖工", ["矽尘", "噪声"]), ("烧成工", ["高温"])]),
        "ferroalloy": DemoTrade(
            industry: "铁合金冶炼", nouns: ["冶炼", "合金"], severe: true, posts: [("冶炼工", ["锰及其化合物", "一氧化碳", "高温"]), ("配料工", ["矽尘", "噪声"])]),
        "steel": DemoTrade(
            industry: "钢压延加工", nouns: ["钢铁", "轧钢", "金属材料"], severe: true, posts: [("轧钢工", ["高温", "噪声"]), ("煤气工", ["一氧化碳"])]),
        "copper": DemoTrade(
            industry: "铜压延加工", nouns: ["铜业", "有色金属"], severe: true, posts: [("熔炼工", ["铅及其化合物", "高温"]), ("拉丝工", ["噪声"])]),
        "foundry": DemoTrade(
            industry: "黑色金属铸造", nouns: ["铸造", "铸件", "机械铸造"], severe: true,
            posts: [("造型工", ["矽尘", "噪声"]), ("清砂工", ["铸造粉尘", "噪声"]), ("打磨工", ["砂轮磨尘", "振动"])]),
        "chemicals": DemoTrade(
            industry: "有机化学原料制造", nouns: ["化工", "化学"], severe: true,
            posts: [("反应釜操作工", ["苯", "甲苯", "氯气"]), ("包装工", ["噪声"]), ("污水处理工", ["硫化氢", "氨"])]),
        "fluorine": DemoTrade(
            industry: "无机盐制造", nouns: ["氟化工", "化工"], severe: true, posts: [("合成工", ["氟及其无机化合物", "氯化氢及盐酸"]), ("灌装工", ["氯化氢及盐酸", "噪声"])]),
        "pharma": DemoTrade(
            industry: "中药饮片加工", nouns: ["药业", "制药", "中药饮片"], severe: false, posts: [("粉碎工", ["以上未提及的可导致职业病的其他粉尘", "噪声"]), ("提取工", ["高温"])]),
        "slaughter": DemoTrade(
            industry: "牲畜屠宰", nouns: ["肉业", "牧业", "食品"], severe: true, posts: [("屠宰工", ["布鲁氏菌", "噪声"]), ("分割工", ["布鲁氏菌", "低温"])]),
        "fur": DemoTrade(
            industry: "毛皮鞣制加工", nouns: ["皮毛", "畜产品"], severe: true, posts: [("剪毛工", ["布鲁氏菌", "皮毛粉尘"]), ("鞣制工", ["甲醛", "铬及其化合物"])]),
        "shoes": DemoTrade(
            industry: "皮鞋制造", nouns: ["鞋业", "鞋厂"], severe: true,
            posts: [("刷胶工", ["苯", "甲苯", "正己烷"]), ("成型工", ["甲苯", "丁酮"]), ("打磨工", ["皮毛粉尘", "噪声"])]),
        "leather": DemoTrade(
            industry: "皮革鞣制加工", nouns: ["皮革", "制革"], severe: true, posts: [("鞣制工", ["铬及其化合物", "硫化氢"]), ("喷涂工", ["二甲基甲酰胺", "甲苯"])]),
        "dyeing": DemoTrade(
            industry: "棉印染精加工", nouns: ["印染", "染整", "纺织印染"], severe: true,
            posts: [("染色工", ["高温", "氨"]), ("定型工", ["甲醛", "高温", "噪声"]), ("织布工", ["棉尘", "噪声"])]),
        "furniture": DemoTrade(
            industry: "木质家具制造", nouns: ["家具", "木业"], severe: true,
            posts: [("木工", ["木粉尘", "噪声"]), ("喷漆工", ["苯", "甲苯", "二甲苯"]), ("砂光工", ["木粉尘", "噪声"])]),
        "flooring": DemoTrade(
            industry: "木地板制造", nouns: ["木业", "地板", "木制品"], severe: true, posts: [("开料工", ["木粉尘", "噪声"]), ("涂胶工", ["甲醛"])]),
        "plating": DemoTrade(
            industry: "金属表面处理及热处理加工", nouns: ["电镀", "金属表面处理"], severe: true,
            posts: [("镀铬工", ["铬及其化合物", "硫酸及三氧化硫"]), ("酸洗工", ["氯化氢及盐酸", "硫酸及三氧化硫"]), ("抛光工", ["砂轮磨尘", "噪声"])]),
        "battery": DemoTrade(
            industry: "铅蓄电池制造", nouns: ["蓄电池", "电源"], severe: true,
            posts: [("涂板工", ["铅及其化合物", "硫酸及三氧化硫"]), ("包片工", ["铅及其化合物"]), ("化成工", ["硫酸及三氧化硫", "噪声"])]),
        "parts": DemoTrade(
            industry: "汽车零部件及配件制造", nouns: ["汽车配件", "汽车零部件", "机械"], severe: false,
            posts: [("冲压工", ["噪声"]), ("焊工", ["电焊烟尘", "锰及其化合物", "噪声"]), ("涂装工", ["甲苯", "二甲苯"])]),
        "cars": DemoTrade(
            industry: "汽车整车制造", nouns: ["汽车", "专用汽车"], severe: true,
            posts: [("焊装工", ["电焊烟尘", "噪声"]), ("涂装工", ["苯", "甲苯", "二甲苯"]), ("冲压工", ["噪声"])]),
        "repair": DemoTrade(
            industry: "汽车修理与维护", nouns: ["汽修", "汽车维修", "汽车服务"], severe: false,
            posts: [("钣金工", ["电焊烟尘", "噪声"]), ("喷漆工", ["苯", "甲苯", "二甲苯"])]),
        "metal": DemoTrade(
            industry: "金属门窗制造", nouns: ["金属制品", "门窗", "五金"], severe: false, posts: [("焊工", ["电焊烟尘", "锰及其化合物"]), ("切割工", ["噪声", "砂轮磨尘"])]),
        "structure": DemoTrade(
            industry: "金属结构制造", nouns: ["钢结构", "重工", "管道工程"], severe: false,
            posts: [("焊工", ["电焊烟尘", "锰及其化合物", "噪声"]), ("探伤工", ["X射线装置"])], radiography: true),
        "machines": DemoTrade(
            industry: "机械零部件加工", nouns: ["机械", "精密机械", "机电"], severe: false, posts: [("车工", ["噪声"]), ("打磨工", ["砂轮磨尘", "噪声"])]),
        "electronics": DemoTrade(
            industry: "电子电路制造", nouns: ["电子", "电路科技", "电子科技"], severe: false,
            posts: [("蚀刻工", ["氯化氢及盐酸", "氨"]), ("焊锡工", ["铅及其化合物"]), ("清洗工", ["正己烷", "二氯乙烷"])]),
        "ships": DemoTrade(
            industry: "金属船舶制造", nouns: ["船舶", "船业"], severe: true,
            posts: [("焊工", ["电焊烟尘", "锰及其化合物"]), ("喷砂工", ["矽尘", "噪声"]), ("涂装工", ["二甲苯", "甲苯"])]),
        "plastics": DemoTrade(
            industry: "塑料零件及其他塑料制品制造", nouns: ["塑料", "塑业"], severe: false, posts: [("注塑工", ["噪声", "高温"]), ("破碎工", ["聚丙烯粉尘", "噪声"])]),
        "building": DemoTrade(
            industry: "住宅房屋建筑", nouns: ["建设", "建筑工程", "建筑安装"], severe: false, posts: [("钻孔工", ["矽尘", "噪声"]), ("电焊工", ["电焊烟尘"])]),
        "hospital": DemoTrade(
            industry: "综合医院", nouns: ["医院", "骨科医院", "中西医结合医院"], severe: false, posts: [("放射诊断", ["X射线装置"]), ("介入", ["X射线装置"])],
            medical: true),
        "shop": DemoTrade(industry: "超级市场零售", nouns: ["商贸", "超市", "百货"], severe: false, posts: []),
        "kitchen": DemoTrade(industry: "正餐服务", nouns: ["餐饮", "酒店"], severe: false, posts: []),
    ]

    /// The trades of each plan's place, with weights. A hospital's share is part of it.
    static func mixture(of prefix: String) -> [(String, Int)] {
        switch prefix {
        case "KZHQ":
            [
                ("coal", 9), ("brick", 14), ("cement", 8), ("pharma", 5), ("quarry", 12), ("ferroalloy", 5), ("chemicals", 8),
                ("slaughter", 16), ("fur", 7),
                ("repair", 6), ("hospital", 5), ("shop", 4), ("kitchen", 3),
            ]
        case "MTG":
            [
                ("ceramics", 14), ("refractory", 12), ("repair", 34), ("cars", 2), ("parts", 9), ("metal", 18), ("quarry", 4),
                ("hospital", 6), ("shop", 6), ("kitchen", 4),
            ]
        case "JX":
            [
                ("chemicals", 10), ("flooring", 8), ("shoes", 10), ("leather", 6), ("dyeing", 11), ("parts", 9), ("electronics", 9),
                ("copper", 4), ("cement", 3),
                ("steel", 2), ("machines", 9), ("ships", 2), ("battery", 3), ("plating", 7), ("furniture", 9), ("plastics", 4),
                ("structure", 1), ("hospital", 2), ("shop", 5), ("kitchen", 3),
            ]
        case "FX":
            [
                ("coal", 11), ("quarry", 9), ("limestone", 4), ("steel", 5), ("foundry", 12), ("cement", 6), ("brick", 9), ("chemicals", 7),
                ("fluorine", 8), ("leather", 5),
                ("building", 6), ("machines", 6), ("structure", 5), ("hospital", 3), ("shop", 4), ("kitchen", 3),
            ]
        case "LN":
            [
                ("limestone", 3), ("cement", 5), ("steel", 6), ("chemicals", 5), ("building", 6), ("parts", 26), ("foundry", 9),
                ("machines", 13), ("plastics", 8), ("plating", 5),
                ("furniture", 5), ("repair", 6), ("structure", 6), ("hospital", 3), ("shop", 5), ("kitchen", 3),
            ]
        default:
            [
                ("quarry", 6), ("cement", 6), ("foundry", 8), ("chemicals", 8), ("furniture", 8), ("shoes", 6), ("plating", 5),
                ("repair", 10), ("metal", 10), ("parts", 10),
                ("structure", 3), ("hospital", 4), ("shop", 6), ("kitchen", 4),
            ]
        }
    }
}

/// The limits that results are judged by: figures of GBZ 2.1-2019 and GBZ 2.2-2007, where the factor has one.
enum DemoLimits {
    enum Basis: Sendable { case average, ceiling, level }
    static let all: [String: (limit: Double, unit: String, basis: Basis)] = [
        "矽尘": (1, "mg/m³", .average), "煤尘": (4, "mg/m³", .average), "水泥粉尘": (4, "mg/m³", .average), "陶土粉尘": (8, "mg/m³", .average),
        "电焊烟尘": (4, "mg/m³", .average), "铸造粉尘": (8, "mg/m³", .average), "木粉尘": (3, "mg/m³", .average), "皮毛粉尘": (8, "mg/m³", .average),
        "棉尘": (1, "mg/m³", .average), "砂轮磨尘": (8, "mg/m³", .average), "石灰石粉尘": (8, "mg/m³", .average), "聚丙烯粉尘": (5, "mg/m³", .average),
        "以上未提及的可导致职业病的其他粉尘": (8, "mg/m³", .average), "噪声": (85, "dB(A)", .level), "高温": (30, "℃", .level),
        "苯": (6, "mg/m³", .average), "甲苯": (50, "mg/m³", .average), "二甲苯": (50, "mg/m³", .average), "正己烷": (100, "mg/m³", .average),
        "丁酮": (300, "mg/m³", .average), "铬及其化合物": (0.05, "mg/m³", .average), "硫酸及三氧化硫": (1, "mg/m³", .average),
        "氯化氢及盐酸": (7.5, "mg/m³", .ceiling), "氟及其无机化合物": (2, "mg/m³", .average), "铅及其化合物": (0.05, "mg/m³", .average),
        "锰及其化合物": (0.15, "mg/m³", .average), "甲醛": (0.5, "mg/m³", .ceiling), "二甲基甲酰胺": (20, "mg/m³", .average),
        "一氧化碳": (20, "mg/m³", .average), "硫化氢": (10, "mg/m³", .ceiling), "氯气": (1, "mg/m³", .ceiling), "氨": (20, "mg/m³", .average),
        "二氧化硫": (5, "mg/m³", .average), "二氯乙烷": (7, "mg/m³", .average), "X射线装置": (2.5, "µSv/h", .level), "振动": (5, "m/s²", .level),
    ]
}
