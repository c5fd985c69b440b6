/// A person has told a policy to start nothing for a while.
///
/// It stays known after it ended: the slots that fell into it are nobody's, so that resuming starts no storm.
package struct Pause: Sendable, Equatable {
    package var since: Moment
    /// When it ends by itself; nil if it waits for someone to resume.
    package var until: Moment?
    /// When someone ended it.
    package var resumed: Moment?
    /// The end of the pause before this one, if there was one: slots before that are settled.
    package var earlier: Moment?

    package init(since: Moment, until: Moment? = nil, resumed: Moment? = nil, earlier: Moment? = nil) {
        self.since = since
        self.until = until
        self.resumed = resumed
        self.earlier = earlier
    }

    /// When it ended or will end; nil while only a person can say.
    package var end: Moment? { resumed ?? until }

    /// Whether it keeps the policy from starting; also if the clock was set back to before it began.
    package func holds(at moment: Moment) -> Bool { resumed == nil && moment < (until ?? .never) }

    /// Whether a slot falls into it.
    func covers(_ slot: Moment) -> Bool { since <= slot && slot < (end ?? .never) }
}
