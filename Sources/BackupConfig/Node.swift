/// A YAML value with its place.
///
/// Scalars keep their text: `22:00`, `no` and `010` are what they look like.
indirect enum Node: Sendable, Equatable {
    case scalar(String, Mark)
    case sequence([Node], Mark)
    case mapping([Entry], Mark)

    struct Entry: Sendable, Equatable {
        var key: String
        var mark: Mark
        var value: Node
    }

    var mark: Mark {
        switch self {
        case .scalar(_, let mark), .sequence(_, let mark), .mapping(_, let mark): mark
        }
    }

    /// What a person calls it.
    var kind: String {
        switch self {
        case .scalar("", _): "nothing"
        case .scalar(let text, _): "\"\(text)\""
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}
