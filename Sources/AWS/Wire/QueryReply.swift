/// The server's half of the Query protocol: forms to requests, replies and errors to XML.
///
/// The sandbox speaks it.
package struct QueryReply: Sendable {
    package static let ec2 = QueryReply(namespace: "http://ec2.amazonaws.com/doc/2016-11-15/", isEC2: true)
    package static let sts = QueryReply(namespace: "https://sts.amazonaws.com/doc/2011-06-15/", isEC2: false)

    private let namespace: String
    /// EC2's dialect differs: no result element around the reply, and errors in a list.
    private let isEC2: Bool

    /// The `Action` that a request's pairs ask for.
    package static func action(of pairs: [(String, String)]) -> String? { pairs.first { $0.0 == "Action" }?.1 }

    /// A request's value, out of a form's pairs; throws which parameter is missing or cannot be read.
    package static func request<Request: Decodable>(_ type: Request.Type, from pairs: [(String, String)])
        throws(WireError) -> Request
    {
        do {
            return try WireDecoder.decode(
                type, from: QueryForm.node(pairs.filter { !["Action", "Version"].contains($0.0) }))
        } catch {
            throw WireError(AWSClient.text(of: error))
        }
    }

    /// The document that answers an operation.
    package func document(_ operation: Operation, _ reply: some Encodable, requestID: String) throws -> String {
        let node = try WireEncoder.encode(reply)
        var content: [WireNode.Field] = [
            .init(operation.name + "Result", node),
            .init("ResponseMetadata", .fields([.init("RequestId", .text(requestID))])),
        ]
        if isEC2, case .fields(let fields) = node { content = [.init("requestId", .text(requestID))] + fields }
        return XMLText.write(.fields(content), root: operation.name + "Response", namespace: namespace)
    }

    /// The document of an error; `isSender` says whose fault it is, which only STS writes.
    package func error(code: String, message: String, requestID: String, isSender: Bool = true) -> String {
        let words: [WireNode.Field] = [.init("Code", .text(code)), .init("Message", .text(message))]
        guard !isEC2 else {
            let errors = WireNode.fields([.init("Error", .fields(words))])
            return XMLText.write(
                .fields([.init("Errors", errors), .init("RequestID", .text(requestID))]), root: "Response",
                namespace: nil)
        }
        let type = WireNode.Field("Type", .text(isSender ? "Sender" : "Receiver"))
        return XMLText.write(
            .fields([.init("Error", .fields([type] + words)), .init("RequestId", .text(requestID))]),
            root: "ErrorResponse", namespace: namespace)
    }
}
