/// Somebody who is told of trouble beyond the journal.
package struct NotifyTarget: Sendable, Equatable {
    /// By which way.
    package enum Way: Sendable, Equatable {
        /// A JSON document is posted there.
        case webhook(SecretURL)
        /// A program, by its whole path, and its arguments.
        case command([String])
        /// A topic of SNS, by its ARN.
        case topic(String, Region)
        /// An address that is asked for as long as all is well: that it is not any more is the news.
        case ping(SecretURL)
    }

    /// What it is told of.
    package enum News: String, Sendable, CaseIterable {
        case failure
        case objectiveMissed = "rpo-missed"
        case recovered
    }

    package var name: String
    package var way: Way
    package var news: Set<News> = Set(News.allCases)
    /// No sooner after the last time than this; what happens meanwhile is told together.
    package var pause: Duration = .seconds(300)

    package init(name: String, way: Way) {
        self.name = name
        self.way = way
    }

    package var isPing: Bool { if case .ping = way { true } else { false } }
}

/// An address that may hold a secret, as most that take messages do.
package enum SecretURL: Sendable, Equatable {
    case plain(String)
    /// The name of a file in the directory of the service's credentials (systemd.exec(5), LoadCredential).
    case credential(String)
}
