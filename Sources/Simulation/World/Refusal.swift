import AWS
import BackupCore

/// How a world says no: the operation, the region and the service are filled in for each call.
struct Refusal {
    let operation: Operation
    let region: Region

    /// AWS's refusal, which proves that nothing was done.
    func callAsFunction(_ code: String, _ message: String, status: Int = 400) -> AWSError {
        AWSError(
            service: operation.service, operation: operation.name, region: region, code: code, message: message,
            status: status, fate: .notPerformed)
    }
}

extension World {
    /// The checks that come before any other: whether the region is one of ours, and whether the caller may do this.
    func admit(_ operation: Operation, in region: Region) throws(AWSError) -> Refusal {
        let refuse = Refusal(operation: operation, region: region)
        guard regions[region] != nil else { throw refuse.closedRegion }
        guard !denied.contains("\(operation.service.rawValue):\(operation.name)") else { throw refuse.noRight }
        return refuse
    }
}

extension Refusal {
    /// A region that is not switched on for the account.
    var closedRegion: AWSError {
        switch operation.service {
        case .ec2:
            self("AuthFailure", "AWS was not able to validate the provided access credentials", status: 401)
        case .kms:
            self("UnrecognizedClientException", "The security token included in the request is invalid.")
        case .lightsail:
            self("RegionSetupInProgressException", "The region \(region) is not set up for this account.")
        case .sts, .s3, .sns:
            self("RegionDisabledException", "STS is not activated in this region: \(region)", status: 403)
        }
    }

    var noRight: AWSError {
        switch operation.service {
        case .ec2:
            self("UnauthorizedOperation", "You are not authorized to perform this operation.", status: 403)
        case .lightsail, .kms:
            self(
                "AccessDeniedException",
                "User is not authorized to perform: \(operation.service.rawValue):\(operation.name)")
        case .sts, .s3, .sns:
            self(
                "AccessDenied",
                "User is not authorized to perform: \(operation.service.rawValue):\(operation.name)", status: 403)
        }
    }

    /// EC2's answer to `DryRun` where the call would have been done.
    var dryRun: AWSError {
        self("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", status: 412)
    }

    func invalid(_ message: String) -> AWSError { self("InvalidParameterValue", message) }

    func missing(_ parameter: String) -> AWSError {
        self("MissingParameter", "The request must contain the parameter \(parameter)")
    }

    func noSnapshot(_ id: String) -> AWSError {
        id.hasPrefix("snap-")
            ? self("InvalidSnapshot.NotFound", "The snapshot '\(id)' does not exist.")
            : self("InvalidSnapshotID.Malformed", "Invalid id: \"\(id)\" (expecting \"snap-...\")")
    }

    func noInstance(_ id: String) -> AWSError {
        id.hasPrefix("i-")
            ? self("InvalidInstanceID.NotFound", "The instance ID '\(id)' does not exist")
            : self("InvalidInstanceID.Malformed", "Invalid id: \"\(id)\" (expecting \"i-...\")")
    }

    func noImage(_ id: String) -> AWSError {
        id.hasPrefix("ami-")
            ? self("InvalidAMIID.NotFound", "The image id '[\(id)]' does not exist")
            : self("InvalidAMIID.Malformed", "Invalid id: \"\(id)\" (expecting \"ami-...\")")
    }

    func noVolume(_ id: String) -> AWSError {
        id.hasPrefix("vol-")
            ? self("InvalidVolume.NotFound", "The volume '\(id)' does not exist.")
            : self("InvalidVolumeID.Malformed", "Invalid id: \"\(id)\" (expecting \"vol-...\")")
    }
}
