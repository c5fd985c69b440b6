package import BackupCore

/// The two operations on objects that sidecars need.
package enum S3 {
    package static let putObject = Operation(.s3, "PutObject", isRepeatable: true)
    package static let getObject = Operation(.s3, "GetObject", isRepeatable: true)

    /// The right that a statement of a policy gives; reading asks for ListBucket, too, to tell what is missing from what is
    /// forbidden.
    package static let listBucket = "s3:ListBucket"
}

/// S3 over its REST protocol: objects that are put once, and read.
///
/// Source: S3 API reference, PutObject and GetObject; S3 user guide, "Virtual hosting of buckets" and "Request redirection".
package struct S3Client: Sendable {
    private let client: AWSClient
    /// Where S3 said that buckets are.
    private let regions = Guarded<[String: Region]>([:])

    package init(_ client: AWSClient) { self.client = client }

    /// Seconds for one attempt.
    private static let patience = 10

    /// Puts an object where none is under that key, and leaves one that is there as it is.
    package func putOnce(
        _ body: [UInt8], type: String, key: String, in bucket: SidecarBucket
    ) async throws(AWSError) {
        do throws(AWSError) {
            try await put(body, type: type, key: key, in: bucket)
        } catch  where error.fate == .outcomeUnknown {
            try await put(body, type: type, key: key, in: bucket)
        }
    }

    private func put(_ body: [UInt8], type: String, key: String, in bucket: SidecarBucket) async throws(AWSError) {
        do throws(AWSError) {
            _ = try await call(
                S3.putObject, .put, key, in: bucket, body,
                headers: [Header("content-type", type), Header("if-none-match", "*")])
        } catch  where error.code == "PreconditionFailed" {
            // It is there already: an earlier reply was lost.
        }
    }

    /// The object's bytes; nil if there is none under that key.
    package func get(_ key: String, in bucket: SidecarBucket) async throws(AWSError) -> [UInt8]? {
        do throws(AWSError) {
            return try await call(S3.getObject, .get, key, in: bucket, [], headers: [])
        } catch  where error.code == "NoSuchKey" {
            return nil
        }
    }

    /// In the region that the bucket is said to be in, and once more in the one where S3 says it is.
    private func call(
        _ operation: Operation, _ method: HTTPRequest.Method, _ key: String, in bucket: SidecarBucket, _ body: [UInt8],
        headers: [Header]
    ) async throws(AWSError) -> [UInt8] {
        let first = region(of: bucket)
        do throws(AWSError) {
            return try await call(operation, method, key, of: bucket.name, in: first, body, headers)
        } catch {
            let now = region(of: bucket)
            guard now != first, error.fate == .notPerformed else { throw error }
            return try await call(operation, method, key, of: bucket.name, in: now, body, headers)
        }
    }

    private func region(of bucket: SidecarBucket) -> Region {
        regions.withLock { $0[bucket.name] } ?? bucket.region
    }

    private func call(
        _ operation: Operation, _ method: HTTPRequest.Method, _ key: String, of bucket: String, in region: Region,
        _ body: [UInt8], _ headers: [Header]
    ) async throws(AWSError) -> [UInt8] {
        let regions = regions
        // No certificate of S3's covers a bucket's name with dots, and a given endpoint may have no names at all.
        let hasHost = !bucket.contains(".") && !client.hasGivenEndpoint(.s3)
        var message = AWSClient.Message(
            operation: operation, region: region,
            headers: headers + [Header("x-amz-content-sha256", Hash.hex(Hash.sha256(body)))], body: body
        ) { reply in
            if let told = reply[header: "x-amz-bucket-region"] { regions.withLock { $0[bucket] = Region(told) } }
            return S3Client.readError(reply)
        }
        message.method = method
        // Nobody waits for it for long, and what backups may repeat is not spent on it.
        message.timeout = S3Client.patience
        message.isRepeated = operation != S3.putObject
        message.path = hasHost ? "/\(key)" : "/\(bucket)/\(key)"
        message.subdomain = hasHost ? bucket : nil
        return try await client.perform(message) { $0 }
    }

    /// `Error` is the root itself.
    private static func readError(_ reply: HTTPReply) -> (code: String, message: String, requestID: String?) {
        guard let document = try? XMLDocument.read(reply.body), document.root == "Error",
            let code = document.node.text("Code")
        else { return QueryError.unknown(reply) }
        return (code, document.node.text("Message") ?? "", document.node.text("RequestId"))
    }
}
