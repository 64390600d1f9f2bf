import Kernel

extension Measure {
    /// What whoever owes a duty has to do, as their list of things to do says it; the measure's own name where it has no better.
    public var owed: (zh: String, en: String) { Measure.owedByName[name] ?? (zh, en) }

    private static let owedByName: [String: (zh: String, en: String)] = [
        "declaration_rate": ("申报职业病危害项目", "Declare the hazard project"),
        "periodic_testing_rate": ("委托定期检测工作场所", "Have the workplace tested"),
        "testing_pass_rate": ("使超标岗位达到限值", "Bring what exceeds below its limit"),
        "employer_archive_rate": ("建立完整的职业卫生档案", "Keep a complete occupational-health archive"),
        "notification_rate": ("完成岗位危害告知", "Notify the post of its hazards"),
        "warning_sign_rate": ("设置警示标识", "Put up the warning sign"),
        "principal_training_rate": ("主要负责人接受培训", "Have the principal trained"),
        "manager_training_rate": ("配备并培训职业卫生管理人员", "Appoint and train the health manager"),
        "in_service_exam_rate": ("组织在岗期间职业健康检查", "Arrange the in-service examination"),
        "worker_file_rate": ("建立职业健康监护档案", "Keep the worker's surveillance file"),
        "injury_insurance_coverage": ("参加工伤保险", "Insure the worker against injury"),
        "medical_dose_rate": ("开展个人剂量监测", "Monitor the personal dose"),
        "nonmedical_dose_rate": ("开展个人剂量监测", "Monitor the personal dose"),
        "diagnosis_reporting_rate": ("按时报告职业病", "Report the case in time"),
        "violation_case_handling_rate": ("处理违法案件", "Decide the violation case"),
    ]
}
