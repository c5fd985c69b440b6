package import BackupCore

extension World {
    /// Tags of ours that differ from run to run by their nature; design, section 4.
    private static let volatileTags: Set<String> = ["snapwarden:set", "snapwarden:taken", "snapwarden:run"]

    package func dump(_ style: DumpStyle = .full, now: Moment) -> WorldDump {
        let names = style == .plain ? labels : [:]
        var dump = WorldDump(account: account, regions: places(names, style, now: now))
        for other in elsewhere.keys {
            var world = self
            world.enter(other)
            let places = world.places(names, style, now: now)
            dump.accounts = (dump.accounts ?? [:]).merging([other: places]) { $1 }
        }
        return dump
    }

    private func places(_ names: [String: String], _ style: DumpStyle, now: Moment) -> [WorldDump.Place] {
        regions.keys.sorted().map { region in
            let state = state(of: region, now: now)
            return WorldDump.Place(
                region: region.rawValue,
                snapshots: state.snapshots.map { shown($0, labels: names, style, now: now) }.sortedByText(),
                lightsailSnapshots: state.lightsailSnapshots.map { shown($0, in: region, style, now: now) }
                    .sorted { $0.name < $1.name },
                instances: shownInstances(of: state))
        }
    }

    /// For each snapshot ever made, in any account, what it is of.
    private var labels: [String: String] {
        let all = ([regions] + elsewhere.values).flatMap { $0.values.flatMap(\.snapshots) }
        return Dictionary(all.map { ($0.id, "snapshot of \($0.dataOf)") }) { first, _ in first }
            .merging(retiredLabels) { live, _ in live }
    }

    private func shown(_ snapshot: SimulatedSnapshot, labels: [String: String], _ style: DumpStyle, now: Moment)
        -> WorldDump.Snapshot
    {
        let isFull = style == .full
        let tags = snapshot.tags.all.map { key, value in
            let isVolatile = !isFull && World.volatileTags.contains(key)
            return (key, isVolatile ? "*" : (value ?? "").replacing(labels))
        }
        var shown = WorldDump.Snapshot(
            volume: snapshot.volume, state: snapshot.status(at: now),
            description: snapshot.description.replacing(labels), size: snapshot.size,
            encrypted: snapshot.isEncrypted, tags: Dictionary(tags) { _, last in last })
        shown.kmsKey = snapshot.kmsKey
        if case .failed(let message) = snapshot.life.stage(at: now) { shown.message = message }
        shown.source = snapshot.copiedFrom.map { "\($0.region)/\($0.snapshot)".replacing(labels) }
        if isFull {
            shown.id = snapshot.id
            shown.start = snapshot.life.startedAt.description
            shown.progress = snapshot.life.progress(at: now)
        }
        return shown
    }

    private func shown(_ snapshot: SimulatedLightsailSnapshot, in region: Region, _ style: DumpStyle, now: Moment)
        -> WorldDump.LightsailSnapshot
    {
        let isFull = style == .full
        let tags = snapshot.tags.all.map { key, value in
            (key, !isFull && World.volatileTags.contains(key) ? "*" : value)
        }
        return WorldDump.LightsailSnapshot(
            name: snapshot.name, arn: isFull ? lightsailARN(snapshot.kind.snapshot, snapshot.uuid, in: region) : nil,
            state: snapshot.state(at: now), created: isFull ? snapshot.life.startedAt.description : nil,
            from: snapshot.fromName, fromARN: snapshot.fromARN,
            disks: snapshot.disks.map(\.path).sorted(), source: snapshot.copiedFrom,
            tags: Dictionary(tags) { _, last in last })
    }

    private func shownInstances(of state: RegionState) -> [WorldDump.Instance] {
        let ec2 = state.instances.map { instance in
            let volumes = state.volumes(of: instance.id).map { volume, _ in
                (volume.id, Dictionary(volume.tags.all.map { ($0.key, $0.value ?? "") }) { _, last in last })
            }
            return WorldDump.Instance(
                id: instance.id, state: instance.state,
                tags: Dictionary(instance.tags.all.map { ($0.key, $0.value) }) { _, last in last },
                volumes: Dictionary(volumes) { first, _ in first })
        }
        // When one runs is a matter of time, as with EC2's.
        let lightsail = state.lightsailInstances.map { instance in
            WorldDump.Instance(
                id: instance.name, state: "running",
                tags: Dictionary(instance.tags.all.map { ($0.key, $0.value) }) { _, last in last },
                volumes: [:])
        }
        return (ec2 + lightsail).sorted { $0.id < $1.id }
    }
}

extension String {
    /// The text with every snapshot id in it replaced by what it stands for.
    fileprivate func replacing(_ labels: [String: String]) -> String {
        guard !labels.isEmpty, var start = firstRange(of: "snap-", from: startIndex) else { return self }
        var text = String(self[..<start])
        while start < endIndex {
            let end = self[start...].dropFirst(5).firstIndex { !$0.isHexDigit } ?? endIndex
            let id = String(self[start..<end])
            text += labels[id] ?? id
            let next = firstRange(of: "snap-", from: end) ?? endIndex
            text += self[end..<next]
            start = next
        }
        return text
    }

    private func firstRange(of word: String, from start: Index) -> Index? {
        var index = start
        while index < endIndex {
            if self[index...].hasPrefix(word) { return index }
            index = self.index(after: index)
        }
        return nil
    }
}

extension [WorldDump.Snapshot] {
    /// In an order that does not depend on ids or times where there are none.
    fileprivate func sortedByText() -> [WorldDump.Snapshot] {
        map { (key: $0.sortKey, snapshot: $0) }.sorted { $0.key < $1.key }.map(\.snapshot)
    }
}

extension WorldDump.Snapshot {
    fileprivate var sortKey: String {
        let tags = tags.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "\u{1}")
        return [start ?? "", description, volume, source ?? "", state, tags, id ?? ""].joined(separator: "\u{2}")
    }
}
