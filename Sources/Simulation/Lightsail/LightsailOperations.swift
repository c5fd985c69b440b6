package import AWS
package import BackupCore

extension World {
    package mutating func tagResource(_ request: LightsailTagResourceRequest, in region: Region, now: Moment)
        throws(AWSError) -> LightsailOperationsReply
    {
        let refuse = try admit(Lightsail.tagResource, in: region)
        guard !request.tags.isEmpty else { throw refuse.badInput("TagResource needs at least one tag.") }
        let pairs = request.tags.map { (key: $0.key, value: $0.value) }
        let name = request.resourceName
        let state = state(of: region, now: now)
        let visibleAt = visibleAt(now)
        let type: String
        if let index = state.lightsailSnapshots.firstIndex(where: { $0.name == name }) {
            let found = state.lightsailSnapshots[index]
            try refuse.check(request, is: lightsailARN("InstanceSnapshot", found.uuid, in: region), has: found.tags)
            regions[region]?.lightsailSnapshots[index].tags.set(pairs, visibleAt: visibleAt)
            type = "InstanceSnapshot"
        } else if let index = state.lightsailInstances.firstIndex(where: { $0.name == name }) {
            let found = state.lightsailInstances[index]
            try refuse.check(request, is: lightsailARN("Instance", found.uuid, in: region), has: found.tags)
            regions[region]?.lightsailInstances[index].tags.set(pairs, visibleAt: visibleAt)
            type = "Instance"
        } else {
            throw refuse.notFound("resource", name)
        }
        let done = start(
            "TagResource", on: (name, type), details: nil, life: Life(startedAt: now, readyAt: now), in: region,
            now: now)
        return LightsailOperationsReply(operations: [done])
    }

    package func getOperation(_ request: GetOperationRequest, in region: Region, now: Moment)
        throws(AWSError) -> GetOperationReply
    {
        let refuse = try admit(Lightsail.getOperation, in: region)
        guard let found = regions[region]?.operations.first(where: { $0.id == request.operationId }) else {
            throw refuse.notFound("Operation", request.operationId)
        }
        return GetOperationReply(operation: described(found, in: region, at: now))
    }

    /// Notes an operation that was started, and gives it as the call's answer shows it.
    mutating func start(
        _ type: String, on resource: (name: String, type: String), details: String?, life: Life, in region: Region,
        now: Moment
    ) -> LightsailOperation {
        let operation = SimulatedOperation(
            id: generator.uuid(), resourceName: resource.name, resourceType: resource.type, details: details,
            type: type, life: life)
        regions[region]?.operations.append(operation)
        return described(operation, in: region, at: now)
    }

    private func described(_ operation: SimulatedOperation, in region: Region, at now: Moment) -> LightsailOperation {
        var shown = LightsailOperation(id: operation.id)
        shown.resourceName = operation.resourceName
        shown.resourceType = operation.resourceType
        shown.createdAt = EpochTime(operation.life.startedAt)
        shown.location = location(region)
        shown.operationDetails = operation.details
        shown.operationType = operation.type
        let stage = operation.life.stage(at: now)
        shown.isTerminal = stage != .pending
        shown.statusChangedAt = EpochTime(stage == .pending ? operation.life.startedAt : operation.life.readyAt)
        switch stage {
        case .pending: shown.status = "Started"
        case .done: shown.status = "Succeeded"
        case .failed(let message):
            shown.status = "Failed"
            shown.errorCode = "InternalFailure"
            shown.errorDetails = message
        }
        return shown
    }
}

extension Refusal {
    fileprivate func check(_ request: LightsailTagResourceRequest, is arn: String, has tags: TagList)
        throws(AWSError)
    {
        guard (request.resourceArn ?? arn) == arn else {
            throw badInput("The resource ARN is not that of \(request.resourceName).")
        }
        try check(request.tags, adding: tags)
    }
}
