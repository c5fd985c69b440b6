import AWS
import BackupCore
import BackupDaemon

/// Finds all that was noted of a point's resource where its tags say that there was more.
struct SidecarSearch: Sendable {
    let fleet: FleetName
    let bucket: SidecarBucket?
    let store: any SidecarStore

    /// The point with all of it, from the ledger or else from the bucket; `tell` is told if neither can be had.
    func completed(
        _ point: RecoveryPoint, _ memory: Memory, tell: (String) -> Void
    ) async -> RecoveryPoint {
        guard point.lacksSidecar else { return point }
        var completed = point
        // The ledger holds no variables of UEFI: who has a bucket finds them there.
        let noted = memory.sidecar(of: point)
        completed.sidecar = noted ?? point.sidecar
        guard let bucket, noted == nil || noted?.bootsByUEFI == true else { return completed }
        let address = bucket.address(of: point.set, fleet)
        do throws(CloudError) {
            if let found = try await store.find(point.set, fleet: fleet, in: bucket) {
                completed.sidecar = found
            } else if noted == nil {
                tell("there is no \(address): what the snapshots' tags say is all that is known of \(point.title)")
            }
        } catch {
            let rest = noted == nil ? "what the snapshots' tags say" : "what the ledger holds"
            tell("\(address) could not be read, and \(rest) is all that is known of \(point.title): \(error)")
        }
        return completed
    }
}

extension Session {
    private var sidecars: S3Sidecars {
        let accounts = accounts
        return S3Sidecars(client(of: .standard)) { account in accounts.client(of: account).map(EC2Client.init) }
    }

    var sidecarSearch: SidecarSearch {
        SidecarSearch(fleet: configuration.fleet, bucket: configuration.sidecarBucket, store: sidecars)
    }

    func sidecarKeeper(_ runner: PlanRunner, _ events: any EventSink) -> SidecarKeeper {
        SidecarKeeper(runner: runner, store: sidecars, clock: time, events: events)
    }
}
