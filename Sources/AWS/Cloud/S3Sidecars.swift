package import BackupCore

/// Sidecars as small JSON objects in a bucket: written once, never overwritten, never deleted.
package struct S3Sidecars: SidecarStore {
    private let s3: S3Client
    private let ec2: @Sendable (AccountID) -> (any EC2RestoreReading)?

    /// The bucket is the standard account's; `ec2` gives what reads instances of an account.
    package init(_ client: AWSClient, ec2: @escaping @Sendable (AccountID) -> (any EC2RestoreReading)?) {
        (s3, self.ec2) = (S3Client(client), ec2)
    }

    package func keep(
        _ record: SidecarRecord, of point: RecoveryPoint, fleet: FleetName, in bucket: SidecarBucket
    ) async throws(CloudError) {
        var document = SidecarDocument(record, of: point, fleet)
        if record.kind == .ec2Instance, record.sidecar.bootsByUEFI {
            document.uefiData = try await uefiData(of: point)
        }
        do {
            try await s3.putOnce(
                JSONText.write(document), type: "application/json", key: bucket.key(of: point.set, fleet), in: bucket)
        } catch let error as AWSError {
            throw CloudError(error)
        } catch {
            throw CloudError(
                kind: .refused, operation: "s3:PutObject", region: bucket.region, code: "InvalidObject",
                message: "the record cannot be written: \(error)")
        }
    }

    package func find(
        _ set: SetID, fleet: FleetName, in bucket: SidecarBucket
    ) async throws(CloudError) -> Sidecar? {
        do {
            guard let body = try await s3.get(bucket.key(of: set, fleet), in: bucket) else { return nil }
            return try JSONText.read(SidecarDocument.self, from: body).sidecar
        } catch let error as AWSError {
            throw CloudError(error)
        } catch {
            throw CloudError(
                kind: .refused, operation: "s3:GetObject", region: bucket.region, code: "InvalidObject",
                message: "the record cannot be read: \(AWSClient.text(of: error))")
        }
    }

    /// Nil if it has none, or is gone by now.
    private func uefiData(of point: RecoveryPoint) async throws(CloudError) -> String? {
        guard let ec2 = ec2(point.home.account) else { return nil }
        do throws(AWSError) {
            let request = GetInstanceUEFIDataRequest(instanceId: point.resource.rawValue)
            return try await ec2.getInstanceUEFIData(request, in: point.home.region).uefiData
        } catch {
            let trouble = CloudError(error)
            if trouble.kind == .refused { return nil }
            throw trouble
        }
    }
}

/// What an object holds.
private struct SidecarDocument: Codable {
    var fleet: String
    var policy: String
    var resource: String
    var kind: String
    var slot: String
    var set: String
    var region: String
    var account: String?
    var about: [[String]]
    var uefiData: String?

    enum CodingKeys: String, CodingKey {
        case fleet, policy, resource, kind, slot, set, region, account, about
        case uefiData = "uefi-data"
    }

    init(_ record: SidecarRecord, of point: RecoveryPoint, _ fleet: FleetName) {
        self.fleet = fleet.rawValue
        (policy, resource, kind) = (point.policy.rawValue, point.resource.rawValue, record.kind.rawValue)
        (slot, set, region) = (point.slot.description, point.set.rawValue, point.home.region.rawValue)
        account = point.home.account == .standard ? nil : point.home.account.rawValue
        about = record.sidecar.facts.map { [$0.topic.rawValue] + $0.parts }
    }

    /// Words that a newer program wrote are passed over.
    var sidecar: Sidecar {
        var facts = about.compactMap { words in
            words.first.flatMap { Sidecar.Topic(rawValue: $0) }.map {
                Sidecar.Fact($0, parts: Array(words.dropFirst()))
            }
        }
        if let uefiData { facts.append(Sidecar.Fact(.uefiData, uefiData)) }
        return Sidecar(facts)
    }
}
