/// Metrics in the text format that Prometheus reads.
///
/// Source: prometheus.io, "Exposition formats" and "Metric and label naming".
package struct MetricsText: Sendable {
    package enum Kind: String, Sendable {
        case gauge
        /// Counts up as long as the process lives.
        case counter
    }

    package private(set) var text = ""

    package init() {}

    /// One metric with all its samples; nothing where there are none.
    package mutating func add(
        _ name: String, _ kind: Kind, _ help: String, _ samples: [(labels: [(String, String)], value: Int64)]
    ) {
        guard !samples.isEmpty else { return }
        text += "# HELP snapwarden_\(name) \(help)\n# TYPE snapwarden_\(name) \(kind.rawValue)\n"
        for sample in samples {
            let labels = sample.labels.map { "\($0)=\"\(MetricsText.escaped($1))\"" }.joined(separator: ",")
            text += "snapwarden_\(name)\(labels.isEmpty ? "" : "{\(labels)}") \(sample.value)\n"
        }
    }

    /// One without labels.
    package mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: Int64?) {
        add(name, kind, help, value.map { [(labels: [], value: $0)] } ?? [])
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}

/// How often an operation was called since the process began.
package struct CallCount: Sendable, Equatable {
    package var service: String
    package var operation: String
    package var calls: Int64
    /// How many of them AWS refused because they were too many.
    package var throttled: Int64

    package init(service: String, operation: String, calls: Int64 = 0, throttled: Int64 = 0) {
        (self.service, self.operation) = (service, operation)
        (self.calls, self.throttled) = (calls, throttled)
    }
}
