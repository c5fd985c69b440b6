package import BackupCore

/// The one operation of SNS that notices need.
///
/// Source: SNS API reference, version 2010-03-31, Publish.
package enum SNS {
    package static let version = "2010-03-31"
    /// A notice that comes twice is better than one that does not come.
    package static let publish = Operation(.sns, "Publish", isRepeatable: true)
}

/// SNS over its Query protocol.
package struct SNSClient: Sendable {
    private let client: AWSClient

    package init(_ client: AWSClient) { self.client = client }

    /// Seconds for one attempt.
    private static let patience = 10

    /// What SNS takes as a subject: characters of ASCII, and as a message: bytes.
    private static let longestSubject = 100
    private static let longestMessage = 262_144

    /// Publishes a message to a topic; `nonce` tells a FIFO topic that it is no other's repetition.
    package func publish(
        _ message: String, subject: String, to topic: String, group: String, nonce: String, in region: Region
    ) async throws(AWSError) {
        let plain = String(String.UnicodeScalarView(subject.unicodeScalars.filter { (32..<127).contains($0.value) }))
        var pairs = [
            ("Action", SNS.publish.name), ("Version", SNS.version), ("TopicArn", topic),
            ("Subject", String(plain.prefix(SNSClient.longestSubject))),
            ("Message", SNSClient.cut(message)),
        ]
        if topic.hasSuffix(".fifo") { pairs += [("MessageGroupId", group), ("MessageDeduplicationId", nonce)] }
        var request = AWSClient.Message(
            operation: SNS.publish, region: region, headers: [Header.form], body: Array(FormText.encode(pairs).utf8),
            readError: QueryError.read)
        // Nobody waits for it for long, and what backups may repeat is not spent on it.
        request.timeout = SNSClient.patience
        request.isRepeated = false
        try await client.perform(request) { body in
            let reply = try XMLDocument.reply(to: SNS.publish, body)
            guard reply["PublishResult"] != nil else { throw WireError("PublishResult is missing") }
        }
    }

    private static func cut(_ message: String) -> String {
        var text = message
        while text.utf8.count > longestMessage { text.removeLast(text.utf8.count - longestMessage > 4 ? 256 : 1) }
        return text
    }
}
