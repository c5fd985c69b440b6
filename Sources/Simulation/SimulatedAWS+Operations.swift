package import AWS
package import BackupCore

extension SimulatedAWS: EC2Reading, EC2Writing {
    /// Stands for the URL that the wire client signs for the source region by itself.
    private static let presigned = "presigned in process"

    package func describeSnapshots(_ request: DescribeSnapshotsRequest, in region: Region) async throws(AWSError)
        -> DescribeSnapshotsReply
    {
        try call(EC2.describeSnapshots, request, in: region) { world, now throws(AWSError) in
            try world.describeSnapshots(request, in: region, now: now)
        }
    }

    package func describeInstances(_ request: DescribeInstancesRequest, in region: Region) async throws(AWSError)
        -> DescribeInstancesReply
    {
        try call(EC2.describeInstances, request, in: region) { world, now throws(AWSError) in
            try world.describeInstances(request, in: region, now: now)
        }
    }

    package func describeVolumes(_ request: DescribeVolumesRequest, in region: Region) async throws(AWSError)
        -> DescribeVolumesReply
    {
        try call(EC2.describeVolumes, request, in: region) { world, now throws(AWSError) in
            try world.describeVolumes(request, in: region, now: now)
        }
    }

    package func describeLockedSnapshots(_ request: DescribeLockedSnapshotsRequest, in region: Region)
        async throws(AWSError) -> DescribeLockedSnapshotsReply
    {
        try call(EC2.describeLockedSnapshots, request, in: region) { world, now throws(AWSError) in
            try world.describeLockedSnapshots(request, in: region, now: now)
        }
    }

    package func describeImages(_ request: DescribeImagesRequest, in region: Region) async throws(AWSError)
        -> DescribeImagesReply
    {
        try call(EC2.describeImages, request, in: region) { world, now throws(AWSError) in
            try world.describeImages(request, in: region, now: now)
        }
    }

    package func createSnapshots(_ request: CreateSnapshotsRequest, in region: Region) async throws(AWSError)
        -> CreateSnapshotsReply
    {
        try call(EC2.createSnapshots, request, in: region) { world, now throws(AWSError) in
            try world.createSnapshots(request, in: region, now: now)
        }
    }

    package func createSnapshot(_ request: CreateSnapshotRequest, in region: Region) async throws(AWSError)
        -> EC2Snapshot
    {
        try call(EC2.createSnapshot, request, in: region) { world, now throws(AWSError) in
            try world.createSnapshot(request, in: region, now: now)
        }
    }

    package func copySnapshot(_ request: CopySnapshotRequest, in region: Region) async throws(AWSError)
        -> CopySnapshotReply
    {
        var request = request
        request.presignedUrl = request.presignedUrl ?? SimulatedAWS.presigned
        let signed = request
        return try call(EC2.copySnapshot, signed, in: region) { world, now throws(AWSError) in
            try world.copySnapshot(signed, in: region, now: now)
        }
    }

    package func deleteSnapshot(_ request: DeleteSnapshotRequest, in region: Region) async throws(AWSError) -> EC2Done {
        try call(EC2.deleteSnapshot, request, in: region) { world, now throws(AWSError) in
            try world.deleteSnapshot(request, in: region, now: now)
        }
    }

    package func createTags(_ request: CreateTagsRequest, in region: Region) async throws(AWSError) -> EC2Done {
        try call(EC2.createTags, request, in: region) { world, now throws(AWSError) in
            try world.createTags(request, in: region, now: now)
        }
    }

    package func deleteTags(_ request: DeleteTagsRequest, in region: Region) async throws(AWSError) -> EC2Done {
        try call(EC2.deleteTags, request, in: region) { world, now throws(AWSError) in
            try world.deleteTags(request, in: region, now: now)
        }
    }

    package func modifySnapshotAttribute(_ request: ModifySnapshotAttributeRequest, in region: Region)
        async throws(AWSError) -> EC2Done
    {
        try call(EC2.modifySnapshotAttribute, request, in: region) { world, now throws(AWSError) in
            try world.modifySnapshotAttribute(request, in: region, now: now)
        }
    }
}

extension SimulatedAWS: LightsailReading, LightsailWriting {
    package func getInstances(_ request: LightsailPageRequest, in region: Region) async throws(AWSError)
        -> GetInstancesReply
    {
        try call(Lightsail.getInstances, request, in: region) { world, now throws(AWSError) in
            try world.getInstances(request, in: region, now: now)
        }
    }

    package func getInstanceSnapshots(_ request: LightsailPageRequest, in region: Region) async throws(AWSError)
        -> GetInstanceSnapshotsReply
    {
        try call(Lightsail.getInstanceSnapshots, request, in: region) { world, now throws(AWSError) in
            try world.getInstanceSnapshots(request, in: region, now: now)
        }
    }

    package func getInstanceSnapshot(_ request: InstanceSnapshotNameRequest, in region: Region) async throws(AWSError)
        -> GetInstanceSnapshotReply
    {
        try call(Lightsail.getInstanceSnapshot, request, in: region) { world, now throws(AWSError) in
            try world.getInstanceSnapshot(request, in: region, now: now)
        }
    }

    package func getOperation(_ request: GetOperationRequest, in region: Region) async throws(AWSError)
        -> GetOperationReply
    {
        try call(Lightsail.getOperation, request, in: region) { world, now throws(AWSError) in
            try world.getOperation(request, in: region, now: now)
        }
    }

    package func createInstanceSnapshot(_ request: CreateInstanceSnapshotRequest, in region: Region)
        async throws(AWSError) -> LightsailOperationsReply
    {
        try call(Lightsail.createInstanceSnapshot, request, in: region) { world, now throws(AWSError) in
            try world.createInstanceSnapshot(request, in: region, now: now)
        }
    }

    package func copySnapshot(_ request: LightsailCopySnapshotRequest, in region: Region) async throws(AWSError)
        -> LightsailOperationsReply
    {
        try call(Lightsail.copySnapshot, request, in: region) { world, now throws(AWSError) in
            try world.copySnapshot(request, in: region, now: now)
        }
    }

    package func deleteInstanceSnapshot(_ request: InstanceSnapshotNameRequest, in region: Region)
        async throws(AWSError) -> LightsailOperationsReply
    {
        try call(Lightsail.deleteInstanceSnapshot, request, in: region) { world, now throws(AWSError) in
            try world.deleteInstanceSnapshot(request, in: region, now: now)
        }
    }

    package func tagResource(_ request: LightsailTagResourceRequest, in region: Region) async throws(AWSError)
        -> LightsailOperationsReply
    {
        try call(Lightsail.tagResource, request, in: region) { world, now throws(AWSError) in
            try world.tagResource(request, in: region, now: now)
        }
    }

    package func untagResource(_ request: LightsailUntagResourceRequest, in region: Region) async throws(AWSError)
        -> LightsailOperationsReply
    {
        try call(Lightsail.untagResource, request, in: region) { world, now throws(AWSError) in
            try world.untagResource(request, in: region, now: now)
        }
    }
}

extension SimulatedAWS: STSReading {
    package func getCallerIdentity(in region: Region) async throws(AWSError) -> CallerIdentity {
        try call(STS.getCallerIdentity, "", in: region) { world, _ throws(AWSError) in
            try world.getCallerIdentity(in: region)
        }
    }
}

extension SimulatedAWS: KMSReading {
    package func describeKey(
        _ request: DescribeKeyRequest, in region: Region
    ) async throws(AWSError) -> DescribeKeyReply {
        try call(KMS.describeKey, request, in: region) { world, _ throws(AWSError) in
            try world.describeKey(request, in: region)
        }
    }
}

extension SimulatedAWS: STSAssuming {
    package func assumeRole(_ request: AssumeRoleRequest, in region: Region) async throws(AWSError) -> AssumedRoleReply
    {
        try call(STS.assumeRole, request, in: region) { world, now throws(AWSError) in
            try world.assumeRole(request, in: region, now: now)
        }
    }

    package func assumeRoleWithWebIdentity(
        _ request: AssumeRoleWithWebIdentityRequest, in region: Region
    ) async throws(AWSError) -> AssumedRoleReply {
        try call(STS.assumeRoleWithWebIdentity, request, in: region) { world, now throws(AWSError) in
            try world.assumeRoleWithWebIdentity(request, in: region, now: now)
        }
    }
}
