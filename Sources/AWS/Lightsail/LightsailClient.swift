package import BackupCore
import FoundationEssentials

/// Lightsail over JSON 1.1.
package struct LightsailClient: LightsailOperations {
    private let client: AWSClient

    package init(_ client: AWSClient) { self.client = client }

    package func getInstances(
        _ request: LightsailPageRequest, in region: Region
    ) async throws(AWSError) -> GetInstancesReply { try await perform(Lightsail.getInstances, request, in: region) }

    package func getInstanceSnapshots(
        _ request: LightsailPageRequest, in region: Region
    ) async throws(AWSError) -> GetInstanceSnapshotsReply {
        try await perform(Lightsail.getInstanceSnapshots, request, in: region)
    }

    package func getInstanceSnapshot(
        _ request: InstanceSnapshotNameRequest, in region: Region
    ) async throws(AWSError) -> GetInstanceSnapshotReply {
        try await perform(Lightsail.getInstanceSnapshot, request, in: region)
    }

    package func getOperation(
        _ request: GetOperationRequest, in region: Region
    ) async throws(AWSError) -> GetOperationReply { try await perform(Lightsail.getOperation, request, in: region) }

    package func createInstanceSnapshot(
        _ request: CreateInstanceSnapshotRequest, in region: Region
    ) async throws(AWSError) -> LightsailOperationsReply {
        try check(request.fault, Lightsail.createInstanceSnapshot, region)
        return try await perform(Lightsail.createInstanceSnapshot, request, in: region)
    }

    package func copySnapshot(
        _ request: LightsailCopySnapshotRequest, in region: Region
    ) async throws(AWSError) -> LightsailOperationsReply {
        try check(request.fault, Lightsail.copySnapshot, region)
        return try await perform(Lightsail.copySnapshot, request, in: region)
    }

    package func deleteInstanceSnapshot(
        _ request: InstanceSnapshotNameRequest, in region: Region
    ) async throws(AWSError) -> LightsailOperationsReply {
        try await perform(Lightsail.deleteInstanceSnapshot, request, in: region)
    }

    package func tagResource(
        _ request: LightsailTagResourceRequest, in region: Region
    ) async throws(AWSError) -> LightsailOperationsReply {
        try check(request.fault, Lightsail.tagResource, region)
        return try await perform(Lightsail.tagResource, request, in: region)
    }

    package func untagResource(
        _ request: LightsailUntagResourceRequest, in region: Region
    ) async throws(AWSError) -> LightsailOperationsReply {
        try await perform(Lightsail.untagResource, request, in: region)
    }

    /// Refuses before anything is sent what the API would refuse.
    func check(_ fault: String?, _ operation: Operation, _ region: Region) throws(AWSError) {
        if let fault { throw AWSError(refusing: operation, in: region, fault) }
    }

    package func perform<Request: Encodable & Sendable, Reply: Decodable & Sendable>(
        _ operation: Operation, _ request: Request, in region: Region
    ) async throws(AWSError) -> Reply {
        let body: [UInt8]
        do {
            body = try JSONText.write(request)
        } catch {
            throw AWSError(refusing: operation, in: region, "the request cannot be written: \(error)")
        }
        let message = AWSClient.Message(
            operation: operation, region: region,
            headers: [
                Header("content-type", "application/x-amz-json-1.1"),
                Header("x-amz-target", "Lightsail_20161128.\(operation.name)"),
            ], body: body, readError: JSONText.readError)
        return try await client.perform(message) { try JSONText.read(Reply.self, from: $0) }
    }
}

/// Lightsail's JSON.
package enum JSONText {
    package static func write(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        return Array(try encoder.encode(value))
    }

    package static func read<Value: Decodable>(_ type: Value.Type, from body: [UInt8]) throws -> Value {
        try JSONDecoder().decode(type, from: Data(body))
    }

    private struct Fault: Decodable {
        var __type: String?
        var code: String?
        var message: String?
        var Message: String?
    }

    /// The code from the header or the body, without the `prefix#` and the `:suffix` that some services write.
    static let readError: @Sendable (HTTPReply) -> (code: String, message: String, requestID: String?) = { reply in
        let fault = try? read(Fault.self, from: reply.body)
        // What follows the colon may hold a "#" of its own: it is a link.
        let code = reply[header: "x-amzn-errortype"] ?? fault?.__type ?? fault?.code
        guard let bare = code?.split(separator: ":").first?.split(separator: "#").last else {
            return QueryError.unknown(reply)
        }
        return (String(bare), fault?.message ?? fault?.Message ?? "", reply[header: "x-amzn-requestid"])
    }
}
