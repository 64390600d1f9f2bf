// What the public home needs, in the manner of PageModels.swift.

extension View {
    /// A plan as its card on the public home shows it.
    public struct PublicPlan: Sendable {
        public var name, place, years, href, bar, asOf, met, total: String

        public init(
            name: String, place: String, years: String, href: String, bar: String, asOf: String, met: String, total: String
        ) {
            (self.name, self.place, self.years, self.href, self.bar) = (name, place, years, href, bar)
            (self.asOf, self.met, self.total) = (asOf, met, total)
        }
    }

    /// A way into something that the public can do or read.
    public struct Way: Sendable {
        public var title, text, href: String

        public init(title: String, text: String, href: String) { (self.title, self.text, self.href) = (title, text, href) }
    }

    /// A figure as published; parts stand below it.
    public struct PublicFigure: Sendable {
        public var id, name, target, due, basis, rule: String
        /// nil where it is too small to be told
        public var value: String?
        public var mark: Mark
        public var counts: [Fact]
        public var parts: [Row]
        public var columns: [Column]

        public init(
            id: String, name: String, value: String?, target: String, due: String, mark: Mark, counts: [Fact], basis: String, rule: String,
            parts: [Row], columns: [Column]
        ) {
            (self.id, self.name, self.value, self.target, self.due) = (id, name, value, target, due)
            (self.mark, self.counts, self.basis, self.rule) = (mark, counts, basis, rule)
            (self.parts, self.columns) = (parts, columns)
        }
    }
}

/// Template `public-home`: what anybody can read and do here without an account.
public struct PublicHomePage: Sendable {
    public var frame: Frame
    public var places: [View.Link]
    public var plans: [View.PublicPlan]
    /// What to do, what to read, how to check
    public var doing, reading, checking: [View.Way]

    public init(
        frame: Frame, places: [View.Link], plans: [View.PublicPlan], doing: [View.Way], reading: [View.Way], checking: [View.Way]
    ) {
        (self.frame, self.places, self.plans) = (frame, places, plans)
        (self.doing, self.reading, self.checking) = (doing, reading, checking)
    }
}

/// Template `public-plan`: a plan's figures as published.
public struct PublicPlanPage: Sendable {
    public var frame: Frame
    public var places: [View.Link]
    public var name, place, years, asOf, edition, csvHref, threshold, bar: String
    public var figures: [View.PublicFigure]

    public init(
        frame: Frame, places: [View.Link], name: String, place: String, years: String, asOf: String, edition: String, csvHref: String,
        threshold: String, bar: String, figures: [View.PublicFigure]
    ) {
        (self.frame, self.places, self.name, self.place, self.years) = (frame, places, name, place, years)
        (self.asOf, self.edition, self.csvHref, self.threshold) = (asOf, edition, csvHref, threshold)
        (self.bar, self.figures) = (bar, figures)
    }
}
