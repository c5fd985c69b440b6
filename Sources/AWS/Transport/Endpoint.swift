/// A scheme and a host with an optional port.
package struct Endpoint: Sendable, Equatable {
    package var scheme: String
    package var host: String

    init(scheme: String, host: String) {
        self.scheme = scheme
        self.host = host
    }

    /// Reads `https://host:port`, with or without a slash at the end.
    init?(_ text: String) {
        for scheme in ["http", "https"] where text.hasPrefix(scheme + "://") {
            let rest = text.dropFirst(scheme.count + 3)
            let host = rest.hasSuffix("/") ? rest.dropLast() : rest
            guard !host.isEmpty, !host.contains(where: { "/?#@ ".contains($0) }) else { return nil }
            self.init(scheme: scheme, host: String(host))
            return
        }
        return nil
    }

    package var url: String { "\(scheme)://\(host)/" }
}
