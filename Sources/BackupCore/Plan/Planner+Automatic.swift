extension Planner {
    /// Says what Lightsail was to take and did not; it takes its snapshots by itself, and nothing is created.
    ///
    /// The snapshot of a day may start as late as 23:45 and takes a while; only then its absence means anything.
    func planAutomatic(_ subject: Subject, into plan: inout Plan) {
        guard let resource = subject.resource, inventory.isComplete(resource.place),
            eagerness == .scheduled || eagerness == .newestSlot
        else { return }
        var timing = configuration.timing
        timing.startWindow = .seconds(86_400)
        let question = DueQuestion(
            policy: subject.policy, pair: subject.pair, points: subject.home, memory: memory, timing: timing,
            now: now - Planner.automaticPatience)
        plan.missed[subject.pair] = question.missedSlots
    }

    static let automaticPatience = Duration.seconds(3 * 3600)

    /// Sets Lightsail's automatic snapshots as the policy wants them.
    func planSetting(_ subject: Subject, into plan: inout Plan) {
        guard let wanted = subject.policy.automatic, let resource = subject.resource, eagerness.onlyPolicy == nil,
            resource.kind.hasAutomaticSnapshots, inventory.isComplete(resource.place),
            plan.settings[resource.id] == nil
        else { return }
        plan.settings[resource.id] = wanted
        guard resource.automatic != wanted, waitingUntil(.backups, subject.policy) == nil else { return }
        add(
            Action(
                work: .setAutomatic(wanted, resource), pair: subject.pair, slot: Moment(seconds: 0),
                site: resource.site, reason: .setting(wanted, was: resource.automatic)),
            to: &plan)
    }
}
