// The plan itself: what the templates need, in the manner of PageModels.swift.

extension View {
    /// A department in a task.
    public struct Role: Sendable {
        public var name, role: String
        /// Derived, not printed in the plan
        public var inferred: Bool

        public init(name: String, role: String, inferred: Bool = false) {
            (self.name, self.role, self.inferred) = (name, role, inferred)
        }
    }

    /// A task of the plan.
    public struct TaskLine: Sendable {
        public var id, title: String
        public var clauses: [String]
        public var roles: [Role]
        /// label = id, value = title
        public var subtasks: [Fact]
        public var due: String?
        public var mark: Mark?
        public var href: String?

        public init(
            id: String, title: String, clauses: [String] = [], roles: [Role] = [], subtasks: [Fact] = [], due: String? = nil,
            mark: Mark? = nil, href: String? = nil
        ) {
            (self.id, self.title, self.clauses, self.roles, self.subtasks) = (id, title, clauses, roles, subtasks)
            (self.due, self.mark, self.href) = (due, mark, href)
        }
    }

    /// Main tasks, projects, safeguards.
    public struct TaskGroup: Sendable {
        public var title: String
        public var tasks: [TaskLine]

        public init(title: String, tasks: [TaskLine] = []) {
            (self.title, self.tasks) = (title, tasks)
        }
    }

    /// A department, the function that it has and when.
    public struct DepartmentLine: Sendable {
        public var name, function: String
        public var since, until: String?
        public var duties: [String]

        public init(name: String, function: String, since: String? = nil, until: String? = nil, duties: [String] = []) {
            (self.name, self.function, self.since, self.until, self.duties) = (name, function, since, until, duties)
        }
    }

    /// How a scope of the plan is read.
    public struct ScopeLine: Sendable {
        public var words, reading: String
        public var note: String?
        /// Proposed, decided
        public var mark: Mark?
        public var indicators: [Link]

        public init(words: String, reading: String, note: String? = nil, mark: Mark? = nil, indicators: [Link] = []) {
            (self.words, self.reading, self.note, self.mark, self.indicators) = (words, reading, note, mark, indicators)
        }
    }

    /// A list of the plan: industries, hazards, populations.
    public struct NamedList: Sendable {
        public var name: String
        public var items: [String]
        public var note: String?

        public init(name: String, items: [String] = [], note: String? = nil) {
            (self.name, self.items, self.note) = (name, items, note)
        }
    }
}

/// Template `plan`.
public struct PlanPage: Sendable {
    public var frame: Frame
    public var plan: View.PlanHead
    public var facts: [View.Fact]
    public var tasks: [View.TaskGroup]
    public var departments: [View.DepartmentLine]
    public var calendar: [View.CalendarLine]
    public var scopes: [View.ScopeLine]
    public var lists: [View.NamedList]
    public var schemes: [View.NamedList]
    public var notices: [View.Notice]

    public init(
        frame: Frame, plan: View.PlanHead, facts: [View.Fact] = [], tasks: [View.TaskGroup] = [], departments: [View.DepartmentLine] = [],
        calendar: [View.CalendarLine] = [], scopes: [View.ScopeLine] = [], lists: [View.NamedList] = [], schemes: [View.NamedList] = [],
        notices: [View.Notice] = []
    ) {
        (self.frame, self.plan, self.facts, self.tasks, self.departments) = (frame, plan, facts, tasks, departments)
        (self.calendar, self.scopes, self.lists, self.schemes, self.notices) = (calendar, scopes, lists, schemes, notices)
    }
}
