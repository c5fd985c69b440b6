import BackupCore
import Testing

@testable import AWS

/// Requests of EC2 held against what botocore writes for them.
enum BotocoreQuery {
    static func body(_ operation: AWS.Operation, _ request: some Encodable) throws -> String {
        let head = [("Action", operation.name), ("Version", EC2Client.version)]
        return FormText.encode(head + QueryForm.pairs(try WireEncoder.encode(request)))
    }

    static func request<Request: Decodable>(_ type: Request.Type, _ body: String) throws -> Request {
        try QueryReply.request(type, from: try #require(FormText.decode(body)))
    }

    /// Whether it is written as botocore writes it, and read back as it was.
    static func check<Request: Codable & Equatable>(_ operation: AWS.Operation, _ request: Request) throws {
        let expected = try Fixture.json("queries.json", as: [String: [String: String]].self)[operation.name]
        let text = try body(operation, request)
        let pairs = try #require(FormText.decode(text))
        #expect(Dictionary(pairs, uniquingKeysWith: { a, _ in a }) == expected)
        #expect(pairs.count == expected?.count)
        #expect(QueryReply.action(of: pairs) == operation.name)
        #expect(try BotocoreQuery.request(Request.self, text) == request)
    }
}
