/// Where a service is reached: `https://ec2.eu-central-1.amazonaws.com`.
package struct Endpoint: Sendable, Equatable, CustomStringConvertible {
    package enum Scheme: String, Sendable {
        case http
        case https
    }

    package let scheme: Scheme
    /// Host, and port unless it is the scheme's own: exactly what goes into the `Host` header.
    package let authority: String
    /// Begins with `/`.
    package let path: String

    package var url: String { scheme.rawValue + "://" + authority + path }
    package var description: String { url }

    package init(_ scheme: Scheme, authority: String, path: String = "/") {
        self.scheme = scheme
        self.authority = authority
        self.path = path
    }

    /// Reads `http://host[:port][/path]` or the same with `https`; throws what is wrong with it.
    package init(parsing text: String) throws(EndpointFault) {
        guard let mark = text.utf8.firstRange(of: "://".utf8) else { throw .noScheme }
        guard let scheme = Scheme(rawValue: text[..<mark.lowerBound].lowercased()) else { throw .noScheme }
        let rest = text[mark.upperBound...]
        guard rest.utf8.allSatisfy({ $0 > 32 && $0 < 127 && $0 != UInt8(ascii: "\\") }) else { throw .strangeCharacter }
        guard !rest.contains("?"), !rest.contains("#") else { throw .queryOrFragment }
        let authority = rest.prefix { $0 != "/" }
        guard !authority.contains("@") else { throw .credentials }
        let path = rest[authority.endIndex...]
        self.init(scheme, authority: try Endpoint.normal(authority, scheme), path: path.isEmpty ? "/" : String(path))
    }

    /// The authority in lower case, without the port that the scheme implies: curl leaves it out of `Host` too.
    private static func normal(_ authority: Substring, _ scheme: Scheme) throws(EndpointFault) -> String {
        let bracket = authority.lastIndex(of: "]") ?? authority.startIndex
        guard let colon = authority[bracket...].lastIndex(of: ":") else {
            guard !authority.isEmpty else { throw .noHost }
            return authority.lowercased()
        }
        let host = authority[..<colon].lowercased()
        guard !host.isEmpty else { throw .noHost }
        guard let port = UInt16(authority[authority.index(after: colon)...]), port > 0 else { throw .badPort }
        return port == (scheme == .https ? 443 : 80) ? host : "\(host):\(port)"
    }
}

/// Why a text is no endpoint.
///
/// The raw value completes "… is not an endpoint: ".
package enum EndpointFault: String, Error, Sendable {
    case noScheme = "it must begin with http:// or https://"
    case noHost = "it names no host"
    case badPort = "the port must be a number from 1 to 65535"
    case credentials = "it must not contain a user name or password"
    case queryOrFragment = "it must not contain ? or #"
    case strangeCharacter = "it contains a blank or another character that a URL cannot have"
}
