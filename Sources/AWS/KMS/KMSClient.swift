package import BackupCore

/// KMS over JSON 1.1.
package struct KMSClient: KMSReading {
    private let client: AWSClient

    package init(_ client: AWSClient) { self.client = client }

    package func describeKey(
        _ request: DescribeKeyRequest, in region: Region
    ) async throws(AWSError) -> DescribeKeyReply {
        let body: [UInt8]
        do {
            body = try JSONText.write(request)
        } catch {
            throw AWSError(refusing: KMS.describeKey, in: region, "the request cannot be written: \(error)")
        }
        let message = AWSClient.Message(
            operation: KMS.describeKey, region: region,
            headers: [
                Header("content-type", "application/x-amz-json-1.1"),
                Header("x-amz-target", KMS.targetPrefix + KMS.describeKey.name),
            ], body: body, readError: JSONText.readError)
        return try await client.perform(message) { try JSONText.read(DescribeKeyReply.self, from: $0) }
    }
}
