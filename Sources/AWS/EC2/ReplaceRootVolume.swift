/// CreateReplaceRootVolumeTask: the root volume of a running instance becomes one from a snapshot; the instance reboots.
///
/// The snapshot must be of that instance's current or an earlier root volume. Repeated with the same `clientToken` it is the
/// same task. Source: EC2 API reference, CreateReplaceRootVolumeTask.
package struct CreateReplaceRootVolumeTaskRequest: Codable, Sendable, Equatable {
    package var instanceId: String
    package var snapshotId: String
    package var clientToken: String
    /// The old one stays, attached to nothing, if false.
    package var deleteReplacedRootVolume: Bool?
    package var volumeInitializationRate: Int?
    package var tagSpecifications: [TagSpecification]?
    package var dryRun: Bool?

    package init(instanceId: String, snapshotId: String, clientToken: String) {
        self.instanceId = instanceId
        self.snapshotId = snapshotId
        self.clientToken = clientToken
    }

    enum CodingKeys: String, CodingKey {
        case instanceId, snapshotId, clientToken, deleteReplacedRootVolume, volumeInitializationRate
        case tagSpecifications = "TagSpecification"
        case dryRun
    }
}

/// A replacement of a root volume, under way or over.
package struct EC2ReplaceRootVolumeTask: Codable, Sendable, Equatable {
    package var replaceRootVolumeTaskId: String
    package var instanceId: String?
    /// `pending`, `in-progress`, `failing`, `succeeded`, `failed` or `failed-detached` (the instance is without a root volume).
    package var taskState: String?
    package var startTime: String?
    package var completeTime: String?
    package var snapshotId: String?
    package var deleteReplacedRootVolume: Bool?
    package var tags: [EC2Tag]?

    package init(replaceRootVolumeTaskId: String) { self.replaceRootVolumeTaskId = replaceRootVolumeTaskId }

    enum CodingKeys: String, CodingKey {
        case replaceRootVolumeTaskId, instanceId, taskState, startTime, completeTime, snapshotId
        case deleteReplacedRootVolume
        case tags = "tagSet"
    }
}

/// CreateReplaceRootVolumeTask's answer.
package struct CreateReplaceRootVolumeTaskReply: Codable, Sendable, Equatable {
    package var task: EC2ReplaceRootVolumeTask?
    package init(task: EC2ReplaceRootVolumeTask?) { self.task = task }

    enum CodingKeys: String, CodingKey { case task = "replaceRootVolumeTask" }
}

/// DescribeReplaceRootVolumeTasks.
package struct DescribeReplaceRootVolumeTasksRequest: Codable, Sendable, Equatable {
    package var taskIds: [String]?
    /// `instance-id`.
    package var filters: [EC2Filter]?
    package var maxResults: Int?
    package var nextToken: String?

    package init(taskIds: [String]? = nil, filters: [EC2Filter]? = nil, nextToken: String? = nil) {
        self.taskIds = taskIds
        self.filters = filters
        self.nextToken = nextToken
    }

    enum CodingKeys: String, CodingKey {
        case taskIds = "ReplaceRootVolumeTaskId"
        case filters = "Filter"
        case maxResults, nextToken
    }
}

/// One page.
package struct DescribeReplaceRootVolumeTasksReply: Codable, Sendable, Equatable {
    package var tasks: [EC2ReplaceRootVolumeTask]?
    package var nextToken: String?

    package init(tasks: [EC2ReplaceRootVolumeTask]?, nextToken: String? = nil) {
        self.tasks = tasks
        self.nextToken = nextToken
    }

    enum CodingKeys: String, CodingKey {
        case tasks = "replaceRootVolumeTaskSet"
        case nextToken
    }
}
