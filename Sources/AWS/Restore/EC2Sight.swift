import BackupCore

/// What a restore looks up in a region of EC2.
struct EC2Sight {
    let region: Region
    let ec2: any EC2RestoreReading

    /// What bears these marks and is not gone.
    func volumes(_ marks: RestoreMarks) async throws(RestoreError) -> [EC2Volume] {
        try await volumes([marks.filter]).filter { marks.contains($0.tags.dictionary[RestoreTag.key]) }
    }

    /// The same, with instances that are terminated.
    func instances(_ marks: RestoreMarks) async throws(RestoreError) -> [EC2Instance] {
        try await allInstances([marks.filter]).filter { marks.contains($0.tags.dictionary[RestoreTag.key]) }
    }

    func images(_ marks: RestoreMarks) async throws(RestoreError) -> [EC2Image] {
        try await images([marks.filter]).filter { marks.contains($0.tags.dictionary[RestoreTag.key]) }
    }

    /// Those that are not gone.
    func volumes(_ filters: [EC2Filter]) async throws(RestoreError) -> [EC2Volume] {
        let (ec2, region) = (ec2, region)
        return try await pages { (token) async throws(AWSError) in
            let reply = try await ec2.describeVolumes(
                DescribeVolumesRequest(filters: filters, maxResults: EC2Reader.pageSize, nextToken: token), in: region)
            return (reply.volumes ?? [], reply.nextToken)
        }.filter { $0.status != "deleting" && $0.status != "deleted" }
    }

    /// Those that are not gone.
    func instances(_ filters: [EC2Filter]) async throws(RestoreError) -> [EC2Instance] {
        try await allInstances(filters).filter { $0.state.name != "terminated" }
    }

    private func allInstances(_ filters: [EC2Filter]) async throws(RestoreError) -> [EC2Instance] {
        let (ec2, region) = (ec2, region)
        return try await pages { (token) async throws(AWSError) in
            let reply = try await ec2.describeInstances(
                DescribeInstancesRequest(filters: filters, maxResults: EC2Reader.pageSize, nextToken: token), in: region
            )
            return ((reply.reservations ?? []).flatMap { $0.instances ?? [] }, reply.nextToken)
        }
    }

    /// The account's own.
    func images(_ filters: [EC2Filter]) async throws(RestoreError) -> [EC2Image] {
        let (ec2, region) = (ec2, region)
        return try await pages { (token) async throws(AWSError) in
            let reply = try await ec2.describeImages(
                DescribeImagesRequest(owners: ["self"], filters: filters, nextToken: token), in: region)
            return (reply.images ?? [], reply.nextToken)
        }.filter { $0.state != "deregistered" }
    }

    /// One by its id, whoever's.
    func instance(_ id: String) async throws(RestoreError) -> EC2Instance {
        guard let instance = try await instances([EC2Filter("instance-id", [id])]).first else {
            throw .refused("InstanceId: there is no instance \(id) in \(region)")
        }
        return instance
    }

    func zones() async throws(RestoreError) -> [String] {
        let (ec2, region) = (ec2, region)
        let reply = try await asked { () async throws(AWSError) in
            try await ec2.describeAvailabilityZones(DescribeAvailabilityZonesRequest(), in: region)
        }
        return (reply.zones ?? []).filter {
            $0.state == "available" && $0.zoneType != "local-zone" && $0.zoneType != "wavelength-zone"
        }
        .compactMap(\.zoneName).sorted()
    }
}
