import BackupCore

extension EC2Reader {
    /// The points with the locks and images that keep their snapshots from being deleted, and why, if either could not
    /// be read.
    func protected(_ points: [RecoveryPoint], in region: Region) async -> (points: [RecoveryPoint], gap: CloudError?) {
        var locks: [SnapshotID: SnapshotLock] = [:]
        var images: [SnapshotID: ImageID] = [:]
        var gap: CloudError?
        do throws(AWSError) { locks = try await self.locks(in: region) } catch { gap = CloudError(error) }
        do throws(AWSError) { images = try await self.images(in: region) } catch { gap = gap ?? CloudError(error) }
        var protected = points
        // A point that is not touched shares its fields with the one it came from.
        guard !locks.isEmpty || !images.isEmpty else { return (protected, gap) }
        for place in protected.indices {
            for (index, member) in protected[place].members.enumerated() {
                let (lock, image) = (locks[member.snapshot], images[member.snapshot])
                if let lock { protected[place].members[index].lock = lock }
                if let image { protected[place].members[index].image = image }
            }
        }
        return (protected, gap)
    }

    /// The locks that hold now; a state that we do not know counts as one that does.
    private func locks(in region: Region) async throws(AWSError) -> [SnapshotID: SnapshotLock] {
        var locks: [SnapshotID: SnapshotLock] = [:]
        var request = DescribeLockedSnapshotsRequest(maxResults: EC2Reader.pageSize)
        repeat {
            let page = try await ec2.describeLockedSnapshots(request, in: region)
            for snapshot in page.snapshots where snapshot.lockState != "expired" {
                locks[SnapshotID(snapshot.snapshotId)] = SnapshotLock(
                    state: snapshot.lockState ?? "unknown", until: snapshot.lockExpiresOn?.moment)
            }
            request.nextToken = page.nextToken
        } while request.nextToken != nil
        return locks
    }

    /// The snapshots that our account's images use, each with the first of them by id.
    ///
    /// Of another account's images, made from snapshots shared with it, only AWS's refusal tells.
    private func images(in region: Region) async throws(AWSError) -> [SnapshotID: ImageID] {
        var images: [SnapshotID: ImageID] = [:]
        var request = DescribeImagesRequest(owners: ["self"], includeDisabled: true, maxResults: EC2Reader.pageSize)
        repeat {
            let page = try await ec2.describeImages(request, in: region)
            for image in page.images ?? [] where image.state != "deregistered" {
                for snapshot in (image.blockDevices ?? []).compactMap({ $0.ebs?.snapshotId }) {
                    let known = images[SnapshotID(snapshot)]
                    images[SnapshotID(snapshot)] = min(known ?? ImageID(image.imageId), ImageID(image.imageId))
                }
            }
            request.nextToken = page.nextToken
        } while request.nextToken != nil
        return images
    }
}
