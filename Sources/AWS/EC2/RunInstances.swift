/// RunInstances: an instance from an image, or as a launch template says.
///
/// Repeated with the same `clientToken` it gives the same instance. Source: EC2 API reference, RunInstances.
package struct RunInstancesRequest: Codable, Sendable, Equatable {
    package struct LaunchTemplate: Codable, Sendable, Equatable {
        package var launchTemplateId: String?
        package var launchTemplateName: String?
        /// A number, `$Latest` or `$Default`.
        package var version: String?

        package init(launchTemplateId: String? = nil, launchTemplateName: String? = nil, version: String? = nil) {
            self.launchTemplateId = launchTemplateId
            self.launchTemplateName = launchTemplateName
            self.version = version
        }
    }

    package struct Placement: Codable, Sendable, Equatable {
        package var availabilityZone: String?
        package init(availabilityZone: String?) { self.availabilityZone = availabilityZone }
    }

    package struct Profile: Codable, Sendable, Equatable {
        package var arn: String?
        package var name: String?
        package init(arn: String? = nil, name: String? = nil) { (self.arn, self.name) = (arn, name) }
    }

    package var clientToken: String
    package var minCount = 1
    package var maxCount = 1
    package var imageId: String?
    package var instanceType: String?
    package var keyName: String?
    package var subnetId: String?
    package var securityGroupIds: [String]?
    package var placement: Placement?
    package var iamInstanceProfile: Profile?
    package var launchTemplate: LaunchTemplate?
    /// What differs from the image's.
    package var blockDevices: [EC2BlockDeviceRequest]?
    /// Base64.
    package var userData: String?
    package var ebsOptimized: Bool?
    package var privateIpAddress: String?
    package var tagSpecifications: [TagSpecification]?
    package var dryRun: Bool?

    package init(clientToken: String) { self.clientToken = clientToken }

    enum CodingKeys: String, CodingKey {
        case clientToken, minCount, maxCount, imageId, instanceType, keyName, subnetId
        case securityGroupIds = "SecurityGroupId"
        case placement, iamInstanceProfile, launchTemplate
        case blockDevices = "BlockDeviceMapping"
        case userData, ebsOptimized, privateIpAddress
        case tagSpecifications = "TagSpecification"
        case dryRun
    }
}

/// TerminateInstances: they go, and of their volumes those that were to go with them.
package struct TerminateInstancesRequest: Codable, Sendable, Equatable {
    package var instanceIds: [String]
    package var dryRun: Bool?
    package init(instanceIds: [String]) { self.instanceIds = instanceIds }

    enum CodingKeys: String, CodingKey {
        case instanceIds = "InstanceId"
        case dryRun
    }
}

/// TerminateInstances' answer.
package struct TerminateInstancesReply: Codable, Sendable, Equatable {
    package struct Change: Codable, Sendable, Equatable {
        package var instanceId: String?
        package var currentState: EC2Instance.State?
        package var previousState: EC2Instance.State?

        package init(instanceId: String?, currentState: EC2Instance.State?, previousState: EC2Instance.State?) {
            self.instanceId = instanceId
            self.currentState = currentState
            self.previousState = previousState
        }
    }

    package var instances: [Change]?
    package init(instances: [Change]?) { self.instances = instances }

    enum CodingKeys: String, CodingKey { case instances = "instancesSet" }
}
