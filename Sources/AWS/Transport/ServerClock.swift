package import BackupCore

/// What AWS takes the time for.
package enum ServerClock {
    /// The `Date` of an endpoint's reply to a request that asks for nothing and is not signed; nil if it names none.
    ///
    /// The reply is a refusal, which needs neither credentials nor a clock that is right.
    package static func read(_ endpoint: Endpoint, by transport: any Transport) async throws(TransportError) -> Moment?
    {
        let reply = try await transport.send(
            HTTPRequest(url: endpoint.url, headers: [Header.form], body: [], mustNotRepeat: false))
        return reply[header: "date"].flatMap { moment(ofDate: $0) }
    }

    /// Reads the one form that senders may still write: `Fri, 20 Nov 2026 02:00:00 GMT` (RFC 9110, section 5.6.7).
    static func moment(ofDate text: String) -> Moment? {
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT", words[1].utf8.count == 2, let month = months.firstIndex(of: words[2])
        else { return nil }
        let number = month + 1 < 10 ? "0\(month + 1)" : "\(month + 1)"
        return Moment(rfc3339: "\(words[3])-\(number)-\(words[1])T\(words[4])Z")
    }

    private static let months: [Substring] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}
