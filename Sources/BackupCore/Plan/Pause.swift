/// A person has told a policy to start nothing for a while.
///
/// It stays known after it ended: the slots that fell into it are nobody's, so that resuming starts no storm.
package struct Pause: Sendable, Equatable {
    package var since: Moment
    /// When it ends or ended; nil until someone resumes.
    package var until: Moment?

    package init(since: Moment, until: Moment? = nil) {
        self.since = since
        self.until = until
    }

    package func holds(at moment: Moment) -> Bool { since <= moment && moment < (until ?? .never) }
}
