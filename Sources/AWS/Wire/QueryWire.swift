/// One of AWS's Query APIs: form bodies to it, XML from it.
///
/// Both halves, since the sandbox speaks the server's.
package struct QueryWire: Sendable {
    package static let ec2 = QueryWire(
        version: "2016-11-15", namespace: "http://ec2.amazonaws.com/doc/2016-11-15/", isEC2: true)
    package static let sts = QueryWire(
        version: "2011-06-15", namespace: "https://sts.amazonaws.com/doc/2011-06-15/", isEC2: false)

    package static let contentType = "application/x-www-form-urlencoded; charset=utf-8"

    package let version: String
    package let namespace: String
    /// EC2's dialect differs: no result element around the reply, and errors in a list.
    private let isEC2: Bool

    /// The request's body: `Action=CreateSnapshots&Version=2016-11-15&…`.
    package func body(_ operation: Operation, _ request: some Encodable) throws(WireError) -> String {
        let head = [Form.Pair("Action", operation.name), Form.Pair("Version", version)]
        return Form.text(head + Form.pairs(of: try WireEncoder.encode(request)))
    }

    /// A good reply's value; throws if the bytes are no reply to this operation.
    package func reply<Reply: Decodable>(_ type: Reply.Type, to operation: Operation, from bytes: [UInt8])
        throws(WireError) -> Reply
    {
        let (root, node) = try XMLReader.parse(bytes)
        guard root == operation.name + "Response" else {
            throw WireError("the reply is <\(root)>, not <\(operation.name)Response>")
        }
        guard !isEC2 else { return try WireDecoder.decode(type, from: node) }
        guard let result = node[operation.name + "Result"] else {
            throw WireError("the reply has no <\(operation.name)Result>")
        }
        return try WireDecoder.decode(type, from: result)
    }

    /// What an error's body says; nil if it is no error of ours, such as a proxy's page.
    package func fault(from bytes: [UInt8]) -> WireFault? {
        guard let (_, node) = try? XMLReader.parse(bytes) else { return nil }
        var error = node["errors"]?["error"] ?? node["error"]
        if case .list(let several)? = error { error = several.first }
        guard let code = error?["code"]?.text, !code.isEmpty else { return nil }
        let requestID = node["requestID"]?.text ?? node["requestId"]?.text
        return WireFault(code: code, message: error?["message"]?.text ?? "", requestID: requestID)
    }
}

/// An error as a service words it.
package struct WireFault: Sendable, Equatable {
    package var code: String
    package var message: String
    package var requestID: String?

    package init(code: String, message: String, requestID: String? = nil) {
        self.code = code
        self.message = message
        self.requestID = requestID
    }
}

extension QueryWire {
    /// The `Action` that a request's pairs ask for.
    package static func action(of pairs: [Form.Pair]) -> String? { pairs.first { $0.name == "Action" }?.value }

    /// A request's value, out of a form body's pairs.
    package func request<Request: Decodable>(_ type: Request.Type, from pairs: [Form.Pair]) throws(WireError) -> Request
    {
        let parameters = pairs.filter { $0.name != "Action" && $0.name != "Version" }
        return try WireDecoder.decode(type, from: try Form.node(of: parameters))
    }

    /// The document that answers an operation.
    package func document(_ operation: Operation, _ reply: some Encodable, requestID: String) throws(WireError)
        -> [UInt8]
    {
        let node = try WireEncoder.encode(reply)
        let id = WireNode.Field("requestId", .text(requestID))
        let content: WireNode
        if isEC2, case .fields(let fields) = node {
            content = .fields([id] + fields)
        } else {
            content = .fields([
                .init(operation.name + "Result", node),
                .init("ResponseMetadata", .fields([.init("RequestId", .text(requestID))])),
            ])
        }
        return XMLWriter.document(root: operation.name + "Response", namespace: namespace, content)
    }

    /// The document of an error; `isSender` says whose fault it is, which only STS writes.
    package func document(_ fault: WireFault, isSender: Bool = true) -> [UInt8] {
        let words: [WireNode.Field] = [.init("Code", .text(fault.code)), .init("Message", .text(fault.message))]
        let requestID = WireNode.text(fault.requestID ?? "")
        guard !isEC2 else {
            let errors = WireNode.fields([.init("Error", .fields(words))])
            return XMLWriter.document(
                root: "Response", namespace: nil, .fields([.init("Errors", errors), .init("RequestID", requestID)]))
        }
        let type = WireNode.Field("Type", .text(isSender ? "Sender" : "Receiver"))
        return XMLWriter.document(
            root: "ErrorResponse", namespace: namespace,
            .fields([.init("Error", .fields([type] + words)), .init("RequestId", requestID)]))
    }
}
