package import BackupCore

/// STS over its Query protocol.
package struct STSClient: STSReading {
    private let client: AWSClient

    package init(_ client: AWSClient) { self.client = client }

    package func getCallerIdentity(in region: Region) async throws(AWSError) -> CallerIdentity {
        let form = FormText.encode([("Action", STS.getCallerIdentity.name), ("Version", STS.version)])
        let message = AWSClient.Message(
            operation: STS.getCallerIdentity, region: region, headers: [Header.form], body: Array(form.utf8),
            readError: QueryError.read)
        return try await client.perform(message) { body in
            let reply = try XMLDocument.reply(to: STS.getCallerIdentity, body)
            guard let result = reply["GetCallerIdentityResult"] else {
                throw WireError("GetCallerIdentityResult is missing")
            }
            return try WireDecoder.decode(CallerIdentity.self, from: result)
        }
    }
}
