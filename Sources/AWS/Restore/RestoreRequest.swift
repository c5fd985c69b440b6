package import BackupCore

/// A call that a restore makes, as a value: it can be shown before it is made, and told from another.
package protocol RestoreRequest: Encodable, Sendable {
    static var operation: Operation { get }
    /// Makes the call; gives Lightsail's operations that it began, by their ids.
    func send(with clients: RestoreClients, in region: Region) async throws(AWSError) -> [String]
}

extension RestoreRequest {
    /// As it goes over the wire, each parameter with its value: `attachedDiskMapping.blog.1.newDiskName`.
    ///
    /// A script that runs at the first start may hold secrets: of it only the length is told.
    package var parameters: [(name: String, value: String)] {
        guard let node = try? WireEncoder.encode(self) else { return [] }
        return QueryForm.pairs(node, isCapitalised: Self.operation.service == .ec2).map { name, value in
            (name, ["userdata", "uefidata"].contains(name.lowercased()) ? "\(value.utf8.count) bytes" : value)
        }
    }

    /// What tells it from every other call.
    var identity: String {
        ([Self.operation.name] + parameters.map { "\($0.name)=\($0.value)" }).joined(separator: " ")
    }
}

/// What a restore is done with.
package struct RestoreClients: Sendable {
    let ec2: any EC2Operations & EC2RestoreOperations
    let lightsail: any LightsailOperations & LightsailRestoreOperations
    /// The same, for who shall only look.
    package let reading: RestoreReading

    package init(
        ec2: any EC2Operations & EC2RestoreOperations, lightsail: any LightsailOperations & LightsailRestoreOperations
    ) {
        self.ec2 = ec2
        self.lightsail = lightsail
        reading = RestoreReading(ec2: ec2, lightsail: lightsail)
    }
}

/// What a restore is planned with: nothing here can change anything.
package struct RestoreReading: Sendable {
    let ec2: any EC2RestoreReading
    let lightsail: any LightsailRestoreReading

    package init(ec2: any EC2RestoreReading, lightsail: any LightsailRestoreReading) {
        self.ec2 = ec2
        self.lightsail = lightsail
    }
}

extension LightsailOperationsReply {
    fileprivate var ids: [String] { (operations ?? []).map(\.id) }
}

// MARK: Lightsail

extension CreateInstancesFromSnapshotRequest: RestoreRequest {
    package static var operation: Operation { Lightsail.createInstancesFromSnapshot }
    package func send(with clients: RestoreClients, in region: Region) async throws(AWSError) -> [String] {
        try await clients.lightsail.createInstancesFromSnapshot(self, in: region).ids
    }
}

extension CreateDiskFromSnapshotRequest: RestoreRequest {
    package static var operation: Operation { Lightsail.createDiskFromSnapshot }
    package func send(with clients: RestoreClients, in region: Region) async throws(AWSError) -> [String] {
        try await clients.lightsail.createDiskFromSnapshot(self, in: region).ids
    }
}

extension CreateDatabaseFromSnapshotRequest: RestoreRequest {
    package static var operation: Operation { Lightsail.createDatabaseFromSnapshot }
    package func send(with clients: RestoreClients, in region: Region) async throws(AWSError) -> [String] {
        try await clients.lightsail.createDatabaseFromSnapshot(self, in: region).ids
    }
}

extension PutInstancePublicPortsRequest: RestoreRequest {
    package static var operation: Operation { Lightsail.putInstancePublicPorts }
    package func send(with clients: RestoreClients, in region: Region) async throws(AWSError) -> [String] {
        [try await clients.lightsail.putInstancePublicPorts(self, in: region).operation?.id].compactMap { $0 }
    }
}

extension AttachStaticIPRequest: RestoreRequest {
    package static var operation: Operation { Lightsail.attachStaticIP }
    package func send(with clients: RestoreClients, in region: Region) async throws(AWSError) -> [String] {
        try await clients.lightsail.attachStaticIP(self, in: region).ids
    }
}

extension AttachDiskRequest: RestoreRequest {
    package static var operation: Operation { Lightsail.attachDisk }
    package func send(with clients: RestoreClients, in region: Region) async throws(AWSError) -> [String] {
        try await clients.lightsail.attachDisk(self, in: region).ids
    }
}

extension LightsailTagResourceRequest: RestoreRequest {
    package static var operation: Operation { Lightsail.tagResource }
    package func send(with clients: RestoreClients, in region: Region) async throws(AWSError) -> [String] {
        try await clients.lightsail.tagResource(self, in: region).ids
    }
}

extension DeleteInstanceRequest: RestoreRequest {
    package static var operation: Operation { Lightsail.deleteInstance }
    package func send(with clients: RestoreClients, in region: Region) async throws(AWSError) -> [String] {
        try await clients.lightsail.deleteInstance(self, in: region).ids
    }
}

extension DeleteDiskRequest: RestoreRequest {
    package static var operation: Operation { Lightsail.deleteDisk }
    package func send(with clients: RestoreClients, in region: Region) async throws(AWSError) -> [String] {
        try await clients.lightsail.deleteDisk(self, in: region).ids
    }
}

extension DeleteDatabaseRequest: RestoreRequest {
    package static var operation: Operation { Lightsail.deleteDatabase }
    package func send(with clients: RestoreClients, in region: Region) async throws(AWSError) -> [String] {
        try await clients.lightsail.deleteDatabase(self, in: region).ids
    }
}

// MARK: EC2

extension CreateVolumeRequest: RestoreRequest {
    package static var operation: Operation { EC2.createVolume }
    package func send(with clients: RestoreClients, in region: Region) async throws(AWSError) -> [String] {
        _ = try await clients.ec2.createVolume(self, in: region)
        return []
    }
}

extension CreateTagsRequest: RestoreRequest {
    package static var operation: Operation { EC2.createTags }
    package func send(with clients: RestoreClients, in region: Region) async throws(AWSError) -> [String] {
        _ = try await clients.ec2.createTags(self, in: region)
        return []
    }
}

extension AttachVolumeRequest: RestoreRequest {
    package static var operation: Operation { EC2.attachVolume }
    package func send(with clients: RestoreClients, in region: Region) async throws(AWSError) -> [String] {
        _ = try await clients.ec2.attachVolume(self, in: region)
        return []
    }
}

extension DetachVolumeRequest: RestoreRequest {
    package static var operation: Operation { EC2.detachVolume }
    package func send(with clients: RestoreClients, in region: Region) async throws(AWSError) -> [String] {
        _ = try await clients.ec2.detachVolume(self, in: region)
        return []
    }
}

extension DeleteVolumeRequest: RestoreRequest {
    package static var operation: Operation { EC2.deleteVolume }
    package func send(with clients: RestoreClients, in region: Region) async throws(AWSError) -> [String] {
        _ = try await clients.ec2.deleteVolume(self, in: region)
        return []
    }
}

extension RegisterImageRequest: RestoreRequest {
    package static var operation: Operation { EC2.registerImage }
    package func send(with clients: RestoreClients, in region: Region) async throws(AWSError) -> [String] {
        _ = try await clients.ec2.registerImage(self, in: region)
        return []
    }
}

extension RunInstancesRequest: RestoreRequest {
    package static var operation: Operation { EC2.runInstances }
    package func send(with clients: RestoreClients, in region: Region) async throws(AWSError) -> [String] {
        _ = try await clients.ec2.runInstances(self, in: region)
        return []
    }
}

extension DeregisterImageRequest: RestoreRequest {
    package static var operation: Operation { EC2.deregisterImage }
    package func send(with clients: RestoreClients, in region: Region) async throws(AWSError) -> [String] {
        _ = try await clients.ec2.deregisterImage(self, in: region)
        return []
    }
}

extension CreateReplaceRootVolumeTaskRequest: RestoreRequest {
    package static var operation: Operation { EC2.createReplaceRootVolumeTask }
    package func send(with clients: RestoreClients, in region: Region) async throws(AWSError) -> [String] {
        _ = try await clients.ec2.createReplaceRootVolumeTask(self, in: region)
        return []
    }
}

extension TerminateInstancesRequest: RestoreRequest {
    package static var operation: Operation { EC2.terminateInstances }
    package func send(with clients: RestoreClients, in region: Region) async throws(AWSError) -> [String] {
        _ = try await clients.ec2.terminateInstances(self, in: region)
        return []
    }
}
