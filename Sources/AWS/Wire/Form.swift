/// Form bodies (`application/x-www-form-urlencoded`) as the Query APIs of EC2 and STS use them.
package enum Form {
    package struct Pair: Sendable, Equatable {
        package let name: String
        package let value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The pairs of a request, in the request's order: `TagSpecification.1.Tag.2.Key`.
    ///
    /// Every name begins with a capital letter, lists count from 1, and an empty list leaves nothing. Source: botocore's
    /// `ec2` serializer.
    package static func pairs(of node: WireNode) -> [Pair] {
        var pairs: [Pair] = []
        append(node, under: "", to: &pairs)
        return pairs
    }

    private static func append(_ node: WireNode, under prefix: String, to pairs: inout [Pair]) {
        let stem = prefix.isEmpty ? "" : prefix + "."
        switch node {
        case .text(let text):
            pairs.append(Pair(prefix, text))
        case .list(let nodes):
            for (index, node) in nodes.enumerated() { append(node, under: stem + String(index + 1), to: &pairs) }
        case .fields(let fields):
            for field in fields { append(field.node, under: stem + WireNode.capitalised(field.name), to: &pairs) }
        }
    }

    /// The body's text.
    package static func text(_ pairs: [Pair]) -> String {
        var out: [UInt8] = []
        for pair in pairs {
            if !out.isEmpty { out.append(UInt8(ascii: "&")) }
            Percent.append(pair.name, to: &out)
            out.append(UInt8(ascii: "="))
            Percent.append(pair.value, to: &out)
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// Reads a body's pairs; a part without `=` has an empty value.
    package static func parsed(_ body: some StringProtocol) -> [Pair] {
        body.split(separator: "&").map { part in
            let cut = part.firstIndex(of: "=") ?? part.endIndex
            return Pair(
                Percent.decoded(part[..<cut], plusIsBlank: true),
                Percent.decoded(part[cut...].dropFirst(), plusIsBlank: true))
        }
    }

    /// The tree that dotted names describe: the opposite of ``pairs(of:)``, with the names' spelling left as it is.
    ///
    /// Fields whose names are all numbers are a list, in the numbers' order. Throws where a name stands for a text and
    /// for a structure at once, is empty or nests deeper than 16 levels.
    package static func node(of pairs: [Pair]) throws(WireError) -> WireNode {
        let root = Branch()
        for pair in pairs {
            let parts = pair.name.split(separator: ".", omittingEmptySubsequences: false)
            guard !parts.contains(""), parts.count <= 16 else { throw WireError("\"\(pair.name)\" is no parameter") }
            var branch = root
            for part in parts { branch = branch.child(String(part)) }
            guard branch.text == nil else { throw WireError("\(pair.name) stands there twice") }
            branch.text = pair.value
        }
        return try root.node(named: "")
    }
}

/// One level of dotted names while they are read.
private final class Branch {
    var text: String?
    private var names: [String] = []
    private var children: [String: Branch] = [:]

    func child(_ name: String) -> Branch {
        if let known = children[name] { return known }
        let child = Branch()
        names.append(name)
        children[name] = child
        return child
    }

    func node(named path: String) throws(WireError) -> WireNode {
        if let text {
            guard names.isEmpty else { throw WireError("\(path) is a value and a structure at once") }
            return .text(text)
        }
        var fields: [WireNode.Field] = []
        for name in names {
            guard let child = children[name] else { continue }
            fields.append(.init(name, try child.node(named: path.isEmpty ? name : "\(path).\(name)")))
        }
        let numbers = names.compactMap { UInt32($0) }
        guard !names.isEmpty, numbers.count == names.count else { return .fields(fields) }
        return .list(zip(numbers, fields).sorted { $0.0 < $1.0 }.map(\.1.node))
    }
}
