package import BackupCore

/// EC2 over its Query protocol.
package struct EC2Client: EC2Operations {
    private let client: AWSClient

    static let version = "2016-11-15"
    /// CreateSnapshots takes so many `ExcludeDataVolumeId` (EC2 API reference).
    static let mostExclusions = 40

    package init(_ client: AWSClient) { self.client = client }

    package func describeSnapshots(
        _ request: DescribeSnapshotsRequest, in region: Region
    ) async throws(AWSError) -> DescribeSnapshotsReply { try await perform(EC2.describeSnapshots, request, in: region) }

    package func describeInstances(
        _ request: DescribeInstancesRequest, in region: Region
    ) async throws(AWSError) -> DescribeInstancesReply { try await perform(EC2.describeInstances, request, in: region) }

    package func describeVolumes(
        _ request: DescribeVolumesRequest, in region: Region
    ) async throws(AWSError) -> DescribeVolumesReply { try await perform(EC2.describeVolumes, request, in: region) }

    package func describeLockedSnapshots(
        _ request: DescribeLockedSnapshotsRequest, in region: Region
    ) async throws(AWSError) -> DescribeLockedSnapshotsReply {
        try await perform(EC2.describeLockedSnapshots, request, in: region)
    }

    package func describeImages(
        _ request: DescribeImagesRequest, in region: Region
    ) async throws(AWSError) -> DescribeImagesReply { try await perform(EC2.describeImages, request, in: region) }

    package func createSnapshots(
        _ request: CreateSnapshotsRequest, in region: Region
    ) async throws(AWSError) -> CreateSnapshotsReply {
        if let excluded = request.instanceSpecification.excludeDataVolumeIds, excluded.count > EC2Client.mostExclusions
        {
            throw AWSError(
                refusing: EC2.createSnapshots, in: region,
                "ExcludeDataVolumeIds holds \(excluded.count) volumes; the API takes \(EC2Client.mostExclusions) at most"
            )
        }
        return try await perform(EC2.createSnapshots, request, in: region)
    }

    package func createSnapshot(
        _ request: CreateSnapshotRequest, in region: Region
    ) async throws(AWSError) -> EC2Snapshot { try await perform(EC2.createSnapshot, request, in: region) }

    /// Adds the `PresignedUrl` that the Query API wants for encrypted sources, as AWS's own SDKs do for every copy.
    package func copySnapshot(
        _ request: CopySnapshotRequest, in region: Region
    ) async throws(AWSError) -> CopySnapshotReply {
        var request = request
        request.destinationRegion = region.rawValue
        if request.presignedUrl == nil {
            let source = Region(request.sourceRegion)
            let parameters = [
                ("Action", EC2.copySnapshot.name), ("Version", EC2Client.version),
                ("SourceRegion", request.sourceRegion), ("SourceSnapshotId", request.sourceSnapshotId),
                ("DestinationRegion", region.rawValue),
            ]
            request.presignedUrl = try await client.presignedURL(
                message(EC2.copySnapshot, [], in: region), parameters, in: source)
        }
        return try await perform(EC2.copySnapshot, request, in: region)
    }

    package func deleteSnapshot(
        _ request: DeleteSnapshotRequest, in region: Region
    ) async throws(AWSError) -> EC2Done { try await perform(EC2.deleteSnapshot, request, in: region) }

    package func createTags(_ request: CreateTagsRequest, in region: Region) async throws(AWSError) -> EC2Done {
        try await perform(EC2.createTags, request, in: region)
    }

    package func modifySnapshotAttribute(
        _ request: ModifySnapshotAttributeRequest, in region: Region
    ) async throws(AWSError) -> EC2Done { try await perform(EC2.modifySnapshotAttribute, request, in: region) }

    package func deleteTags(_ request: DeleteTagsRequest, in region: Region) async throws(AWSError) -> EC2Done {
        try await perform(EC2.deleteTags, request, in: region)
    }

    func perform<Request: Encodable & Sendable, Reply: Decodable & Sendable>(
        _ operation: Operation, _ request: Request, in region: Region
    ) async throws(AWSError) -> Reply {
        try await perform(operation, request, in: region) { body in
            try WireDecoder.decode(Reply.self, from: XMLDocument.reply(to: operation, body))
        }
    }

    func perform<Request: Encodable & Sendable, Reply: Sendable>(
        _ operation: Operation, _ request: Request, in region: Region, read: @Sendable ([UInt8]) throws -> Reply
    ) async throws(AWSError) -> Reply {
        let pairs: [(String, String)]
        do {
            pairs = QueryForm.pairs(try WireEncoder.encode(request))
        } catch {
            throw AWSError(refusing: operation, in: region, "the request cannot be written: \(error)")
        }
        return try await client.perform(message(operation, pairs, in: region), read: read)
    }

    private func message(
        _ operation: Operation, _ pairs: [(String, String)], in region: Region
    ) -> AWSClient.Message {
        let action = [("Action", operation.name), ("Version", EC2Client.version)]
        return AWSClient.Message(
            operation: operation, region: region, headers: [Header.form],
            body: Array(FormText.encode(action + pairs).utf8), readError: QueryError.read)
    }
}

extension Header {
    static let form = Header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
}

/// The error documents of the Query protocol.
enum QueryError {
    /// EC2: `Response/Errors/Error`, STS: `ErrorResponse/Error`; anything else is told by its status.
    static let read: @Sendable (HTTPReply) -> (code: String, message: String, requestID: String?) = { reply in
        guard let document = try? XMLDocument.read(reply.body) else { return unknown(reply) }
        let node = document.node
        let error = node["Errors"].map { $0["Error"] ?? $0 } ?? node["Error"]
        guard let code = error?.text("Code") else { return unknown(reply) }
        return (code, error?.text("Message") ?? "", node.text("RequestID") ?? node.text("RequestId"))
    }

    static func unknown(_ reply: HTTPReply) -> (code: String, message: String, requestID: String?) {
        ("HTTP\(reply.status)", "a reply of \(reply.body.count) bytes that names no error", nil)
    }
}
