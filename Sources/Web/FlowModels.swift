// The course of a record and drafts: what the templates need, in the manner of PageModels.swift.

extension View {
    /// One thing that the reader may do with a record where it stands. Posts `version`, `remark`.
    public struct StepForm: Sendable {
        public var step, action, text: String
        /// Whether a reason must be written.
        public var needsRemark: Bool
        /// Accepting is the main thing to do; annulling is dangerous.
        public var isMain, isDanger: Bool

        public init(step: String, action: String, text: String, needsRemark: Bool, isMain: Bool, isDanger: Bool) {
            (self.step, self.action, self.text) = (step, action, text)
            (self.needsRemark, self.isMain, self.isDanger) = (needsRemark, isMain, isDanger)
        }
    }
    /// Where a record stands in its course.
    public struct Handling: Sendable {
        public var state: Mark
        /// Who is asked next, where it waits.
        public var level: String?
        /// What was said when it was returned or cancelled, and by whom.
        public var remark, remarkBy: String?
        public var steps: [StepForm]

        public init(state: Mark, level: String? = nil, remark: String? = nil, remarkBy: String? = nil, steps: [StepForm] = []) {
            (self.state, self.level, self.remark, self.remarkBy, self.steps) = (state, level, remark, remarkBy, steps)
        }
    }
    /// Steps for several records of a list at once. Posts `id` once a record, `remark`.
    public struct Bulk: Sendable {
        public var steps: [StepForm]
        public init(steps: [StepForm]) { self.steps = steps }
    }
    /// One saved draft.
    public struct DraftLine: Sendable {
        public var kind, about, when, href, discardAction: String
        public init(kind: String, about: String, when: String, href: String, discardAction: String) {
            (self.kind, self.about, self.when, self.href, self.discardAction) = (kind, about, when, href, discardAction)
        }
    }
}

/// Template `drafts`: what the reader has begun and not handed in.
public struct DraftsPage: Sendable {
    public var frame: Frame
    public var drafts: [View.DraftLine]
    public var notices: [View.Notice]
    public init(frame: Frame, drafts: [View.DraftLine], notices: [View.Notice] = []) {
        (self.frame, self.drafts, self.notices) = (frame, drafts, notices)
    }
}
