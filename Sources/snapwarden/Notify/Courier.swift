import AWS
import BackupCore
import BackupDaemon
import FoundationEssentials
import Glibc

/// Carries notices: over HTTP, through SNS, and to programs.
struct Courier: NoticeCourier {
    let transport: any Transport
    let sns: SNSClient
    let environment: [String: String]

    /// Seconds for an answer over HTTP, and for a program.
    private static let (patience, longestRun) = (10, 60)

    func deliver(_ notice: Notice, to target: NotifyTarget) async throws(NoticeFailure) {
        switch target.way {
        case .webhook(let url):
            let headers = [Header("content-type", "application/json"), userAgent]
            try await send(HTTPRequest(.post, url: try address(url), headers: headers, body: document(notice)))
        case .command(let words): try await run(words, notice)
        case .topic(let topic, let region):
            do throws(AWSError) {
                try await sns.publish(
                    notice.text, subject: notice.subject, to: topic, group: notice.fleet.rawValue, nonce: Nonce.fresh(),
                    in: region)
            } catch {
                throw NoticeFailure(CloudError(error).advised)
            }
        case .ping: break
        }
    }

    func ping(_ target: NotifyTarget) async throws(NoticeFailure) {
        guard case .ping(let url) = target.way else { return }
        try await send(HTTPRequest(.get, url: try address(url), headers: [userAgent]))
    }

    private var userAgent: Header { Header("user-agent", "snapwarden/\(Version.text)") }

    /// What is posted, and what programs get.
    private func document(_ notice: Notice) -> [UInt8] {
        // Texts and numbers can always be written.
        (try? JSONEncoder.plain.encode(notice.json)).map { Array($0) } ?? []
    }

    // MARK: HTTP

    /// Addresses that take messages are secrets: no text shows more of one than its host.
    private func address(_ url: SecretURL) throws(NoticeFailure) -> String {
        switch url {
        case .plain(let text): return text
        case .credential(let name):
            guard let folder = environment["CREDENTIALS_DIRECTORY"] else {
                throw NoticeFailure(
                    "credential:\(name) is not there: the service has no credentials (LoadCredential=\(name):FILE)")
            }
            guard let data = try? Data(contentsOf: URL(filePath: "\(folder)/\(name)")) else {
                throw NoticeFailure(
                    "credential:\(name) cannot be read: give it to the service with LoadCredential=\(name):FILE")
            }
            let text = String(String(decoding: data, as: UTF8.self).prefix { !$0.isWhitespace })
            guard text.hasPrefix("https://") || text.hasPrefix("http://") else {
                throw NoticeFailure("credential:\(name) holds no address: https://… is expected")
            }
            return text
        }
    }

    /// Host and port, which are all of an address that may be shown (RFC 3986, section 3.2).
    private static func host(of url: String) -> Substring {
        let rest = url.drop { $0 != "/" }.dropFirst(2)
        let authority = rest.prefix { !"/?#\\".contains($0) }
        return authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
    }

    private func send(_ request: HTTPRequest) async throws(NoticeFailure) {
        var request = request
        request.timeout = Courier.patience
        let host = Courier.host(of: request.url)
        let reply: HTTPReply
        do throws(TransportError) {
            reply = try await transport.send(request)
        } catch {
            throw NoticeFailure("\(host) does not answer: \(error.code)")
        }
        guard (200..<300).contains(reply.status) else { throw NoticeFailure("\(host) answers \(reply.status)") }
    }

    // MARK: Programs

    private func run(_ words: [String], _ notice: Notice) async throws(NoticeFailure) {
        let variables = [
            "SNAPWARDEN_SUBJECT=\(notice.subject)", "SNAPWARDEN_TEXT=\(notice.text)",
            "SNAPWARDEN_NOTICE=\(String(decoding: document(notice), as: UTF8.self))",
        ]
        let program = words.first ?? ""
        let children = ChildProcesses(environment: variables, keepsOutput: false)
        switch await children.run(words, seconds: Courier.longestRun) {
        case .printed, .tooMuch: return
        case .notStarted(let why): throw NoticeFailure("\(program) cannot be started: \(why)")
        case .failed(let how): throw NoticeFailure("\(program) \(how)")
        case .tookTooLong: throw NoticeFailure("\(program) did not end within \(Courier.longestRun) s")
        }
    }
}

extension CloudError {
    /// With what helps, if that is known.
    fileprivate var advised: String {
        Remedy.sentence(for: self).map { "\(self). To mend it: \($0)" } ?? description
    }
}

extension JSONEncoder {
    fileprivate static var plain: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }
}

extension Notice {
    /// `text` is what chats show; the rest is for programs.
    fileprivate var json: JSON {
        .object([
            "text": .text(text), "subject": .text(subject), "fleet": .text(fleet), "time": .text(at),
            "status": .text(standing > 0 ? "failing" : "ok"), "problems": .number(Int64(standing)),
            "new": .list(new.prefix(Notice.mostTold).map(\.json)), "new-count": .number(Int64(new.count)),
            "recovered": .list(recovered.prefix(Notice.mostTold).map { .text($0.text) }),
            "recovered-count": .number(Int64(recovered.count)),
        ])
    }
}

extension Alarm {
    fileprivate var json: JSON {
        .object([
            "kind": .text(kind.rawValue), "what": .text(what), "policy": .optional(policy?.rawValue),
            "resource": .optional(resource?.rawValue), "region": .optional(site?.region.rawValue),
            "account": site.map { .account($0.account) } ?? .null, "since": .text(since),
            "error-code": .optional(errorCode), "text": .text(text),
        ])
    }
}
