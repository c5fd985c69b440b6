/// What only few values of a kind have: all of it together takes the room of one reference, and nothing where it is empty.
struct Seldom<Fields: SeldomFields>: Equatable, Sendable {
    private var box: Box?

    /// Empty fields where nothing was ever set.
    var fields: Fields {
        get { box?.fields ?? Fields() }
        set { box = newValue == Fields() ? nil : Box(newValue) }
    }

    static func == (a: Self, b: Self) -> Bool { a.box === b.box || a.box?.fields == b.box?.fields }

    /// Never changed once it is made.
    private final class Box: Sendable {
        let fields: Fields
        init(_ fields: Fields) { self.fields = fields }
    }
}

/// Fields that can be empty.
protocol SeldomFields: Equatable, Sendable {
    init()
}
