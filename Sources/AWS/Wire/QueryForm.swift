/// The EC2 dialect of the Query protocol: a tree as flat pairs, lists counted from 1, names capitalised.
///
/// Source: botocore's `EC2Serializer`, EC2 API reference, "Query requests".
package enum QueryForm {
    /// The pairs of a request, after `Action` and `Version`; with the names as they are where another protocol is shown so.
    package static func pairs(_ node: WireNode, isCapitalised: Bool = true) -> [(String, String)] {
        var pairs: [(String, String)] = []
        flatten(node, "", isCapitalised, into: &pairs)
        return pairs
    }

    private static func flatten(
        _ node: WireNode, _ name: String, _ isCapitalised: Bool, into pairs: inout [(String, String)]
    ) {
        let prefix = name.isEmpty ? "" : name + "."
        switch node {
        case .text(let text): pairs.append((name, text))
        case .list(let nodes):
            for (index, node) in nodes.enumerated() {
                flatten(node, prefix + String(index + 1), isCapitalised, into: &pairs)
            }
        case .fields(let fields):
            for field in fields {
                let name = isCapitalised ? capitalised(field.name) : field.name
                flatten(field.node, prefix + name, isCapitalised, into: &pairs)
            }
        }
    }

    private static func capitalised(_ name: String) -> String { name.prefix(1).uppercased() + name.dropFirst() }

    /// The tree that such pairs describe; fields whose names are all numbers make a list, in their order.
    package static func node(_ pairs: [(String, String)]) -> WireNode {
        // Our deepest name has five parts; a longer one must not cost a stack.
        node(pairs.map { (path: $0.0.split(separator: ".", maxSplits: 15).map(String.init)[...], value: $0.1) })
    }

    private static func node(_ pairs: [(path: ArraySlice<String>, value: String)]) -> WireNode {
        if pairs.count == 1, pairs[0].path.isEmpty { return .text(pairs[0].value) }
        var names: [String] = []
        var groups: [String: [(path: ArraySlice<String>, value: String)]] = [:]
        for pair in pairs {
            guard let name = pair.path.first else { continue }
            if groups[name] == nil { names.append(name) }
            groups[name, default: []].append((pair.path.dropFirst(), pair.value))
        }
        let numbers = names.compactMap { Int($0) }
        if !names.isEmpty, numbers.count == names.count {
            return .list(numbers.sorted().map { node(groups[String($0)] ?? []) })
        }
        return .fields(names.map { WireNode.Field($0, node(groups[$0] ?? [])) })
    }
}
