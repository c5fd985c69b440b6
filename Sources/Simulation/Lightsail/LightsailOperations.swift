package import AWS
package import BackupCore

extension World {
    package mutating func tagResource(_ request: LightsailTagResourceRequest, in region: Region, now: Moment)
        throws(AWSError) -> LightsailOperationsReply
    {
        let refuse = try admit(Lightsail.tagResource, in: region)
        guard !request.tags.isEmpty else { throw refuse.badInput("TagResource needs at least one tag.") }
        let visibleAt = visibleAt(now)
        let named = (name: request.resourceName, arn: request.resourceArn)
        return try changeTags(of: named, refuse, in: region, now: now) { tags throws(AWSError) in
            try refuse.check(request.tags, adding: tags)
            tags.set(request.tags.map { (key: $0.key, value: $0.value) }, visibleAt: visibleAt)
        }
    }

    package mutating func untagResource(_ request: LightsailUntagResourceRequest, in region: Region, now: Moment)
        throws(AWSError) -> LightsailOperationsReply
    {
        let refuse = try admit(Lightsail.untagResource, in: region)
        guard !request.tagKeys.isEmpty else { throw refuse.badInput("UntagResource needs at least one tag key.") }
        try refuse.check(request.tagKeys.map { LightsailTag(key: $0, value: nil) })
        let visibleAt = visibleAt(now)
        let named = (name: request.resourceName, arn: request.resourceArn)
        return try changeTags(of: named, refuse, in: region, now: now) {
            $0.remove(request.tagKeys, visibleAt: visibleAt)
        }
    }

    /// Changes the tags of the snapshot or resource that bears a name, and gives the operation that says so.
    private mutating func changeTags(
        of named: (name: String, arn: String?), _ refuse: Refusal, in region: Region, now: Moment,
        _ change: (inout TagList) throws(AWSError) -> Void
    ) throws(AWSError) -> LightsailOperationsReply {
        var state = state(of: region, now: now)
        guard let found = state.tagged(named.name) else { throw refuse.notFound("resource", named.name) }
        try refuse.check(named, is: lightsailARN(found.type, found.uuid, in: region))
        try change(&state[keyPath: found.tags])
        regions[region] = state
        return done(refuse.operation, on: (named.name, found.type), in: region, now: now)
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

    /// The answer of a call that was done at once.
    mutating func done(
        _ operation: Operation, on resource: (name: String, type: String), details: String? = nil, in region: Region,
        now: Moment
    ) -> LightsailOperationsReply {
        LightsailOperationsReply(operations: [
            start(operation.name, on: resource, details: details, life: .over(at: now), in: region, now: now)
        ])
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

extension RegionState {
    /// What bears a name, and where its tags are.
    fileprivate func tagged(_ name: String) -> (
        type: String, uuid: String, tags: WritableKeyPath<RegionState, TagList>
    )? {
        if let index = lightsailSnapshots.firstIndex(where: { $0.name == name }) {
            let found = lightsailSnapshots[index]
            return (found.kind.snapshot, found.uuid, \.lightsailSnapshots[index].tags)
        }
        if let index = lightsailInstances.firstIndex(where: { $0.name == name }) {
            return ("Instance", lightsailInstances[index].uuid, \.lightsailInstances[index].tags)
        }
        if let index = lightsailDisks.firstIndex(where: { $0.name == name }) {
            return ("Disk", lightsailDisks[index].uuid, \.lightsailDisks[index].tags)
        }
        return lightsailDatabases.firstIndex { $0.name == name }.map { index in
            ("RelationalDatabase", lightsailDatabases[index].uuid, \.lightsailDatabases[index].tags)
        }
    }
}

extension Refusal {
    fileprivate func check(_ named: (name: String, arn: String?), is arn: String) throws(AWSError) {
        guard (named.arn ?? arn) == arn else { throw badInput("The resource ARN is not that of \(named.name).") }
    }
}
