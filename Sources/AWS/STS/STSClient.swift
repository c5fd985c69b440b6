package import BackupCore

/// STS over its Query protocol.
package struct STSClient: STSReading, STSAssuming {
    private let client: AWSClient

    package init(_ client: AWSClient) { self.client = client }

    package func getCallerIdentity(in region: Region) async throws(AWSError) -> CallerIdentity {
        try await perform(message(STS.getCallerIdentity, [], in: region))
    }

    package func assumeRole(
        _ request: AssumeRoleRequest, in region: Region
    ) async throws(AWSError) -> AssumedRoleReply {
        try await perform(message(STS.assumeRole, pairs(request, STS.assumeRole, region), in: region))
    }

    package func assumeRoleWithWebIdentity(
        _ request: AssumeRoleWithWebIdentityRequest, in region: Region
    ) async throws(AWSError) -> AssumedRoleReply {
        let operation = STS.assumeRoleWithWebIdentity
        var message = message(operation, try pairs(request, operation, region), in: region)
        message.isSigned = false
        message.secrets = [request.webIdentityToken]
        return try await perform(message)
    }

    private func pairs(
        _ request: some Encodable, _ operation: Operation, _ region: Region
    ) throws(AWSError) -> [(String, String)] {
        do {
            return QueryForm.pairs(try WireEncoder.encode(request))
        } catch {
            throw AWSError(refusing: operation, in: region, "the request cannot be written: \(error)")
        }
    }

    private func message(
        _ operation: Operation, _ pairs: [(String, String)], in region: Region
    ) -> AWSClient.Message {
        let form = FormText.encode([("Action", operation.name), ("Version", STS.version)] + pairs)
        return AWSClient.Message(
            operation: operation, region: region, headers: [Header.form], body: Array(form.utf8),
            readError: QueryError.read)
    }

    private func perform<Reply: Decodable & Sendable>(_ message: AWSClient.Message) async throws(AWSError) -> Reply {
        try await client.perform(message) { body in
            let reply = try XMLDocument.reply(to: message.operation, body)
            let name = message.operation.name + "Result"
            guard let result = reply[name] else { throw WireError("\(name) is missing") }
            return try WireDecoder.decode(Reply.self, from: result)
        }
    }
}
